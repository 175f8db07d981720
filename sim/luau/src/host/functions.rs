//! The functions of the host, each under the name that the prelude calls it by.

use std::sync::Arc;

use dupeproof_core::Now;
use dupeproof_sim::guest::Acquired;
use dupeproof_sim::id::RequestId;
use dupeproof_sim::request::{Address, RequestKind, RequestType};
use dupeproof_sim::value::ScriptValue;
use dupeproof_sim::{GuestEvent, Output, Request};
use serde_json::Value as Json;

use super::arguments::Arguments;
use super::kept::{self, NOT_ENOUGH};
use super::log::cut;
use super::{Answers, Session, event, json, memory, request};
use crate::value::Answer;

/// Safepoints in a microsecond of a script that waits in a loop: its clock goes on, so that the loop ends.
const STEPS_PER_MICROSECOND: u64 = 8;

/// Both clocks, in seconds: the monotonic one, and Unix time.
pub(super) fn now(session: &mut Session<'_, '_>, _: Arguments<'_>) -> Answers {
    let Now { mono, unix } = read_clocks(session);
    Ok(vec![Answer::Number(seconds(mono.0)), Answer::Number(unix_seconds(unix.0))])
}

fn read_clocks(session: &mut Session<'_, '_>) -> Now {
    let crept = session.used.steps / STEPS_PER_MICROSECOND;
    let Now { mono, unix } = session.turn.now;
    let coverage = &mut session.memory.coverage;
    // Time that a script spent in a loop is not taken back when the next input comes early.
    coverage.mono.0 = coverage.mono.0.max(mono.0 + crept);
    coverage.unix.0 = unix.0 + i64::try_from(coverage.mono.0 - mono.0).unwrap_or(i64::MAX);
    *coverage
}

/// The time of the input on the monotonic clock, in seconds.
pub(super) fn moment(session: &mut Session<'_, '_>) -> f64 {
    seconds(read_clocks(session).mono.0)
}

/// The address of a key: store, scope, key, and whether the store is ordered.
pub(super) fn address(_: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let address = Address {
        ordered: arguments.flag(3),
        store: arguments.text(0)?.into(),
        scope: arguments.text(1)?.into(),
        key: arguments.text(2)?.into(),
    };
    Ok(vec![address.to_key().into()])
}

/// Sends a request to a service: the number of the request that it goes on with, if any, and what it is. Returns the number
/// that its answer will have.
pub(super) fn request(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let request = request::parse(arguments.rest())?;
    let first = arguments.optional_integer(0)?.and_then(|first| u32::try_from(first).ok()).map(RequestId);
    let id = RequestId(session.memory.requests);
    session.memory.kept.sent(id, session.used.bytes)?;
    session.memory.requests += 1;
    let writes = matches!(request, Request::CompareAndSet { .. }) || request.kind() == RequestKind::MemoryCompareAndSet;
    let written = match &request {
        Request::CompareAndSet { value, .. } => Some(value.clone()),
        request => memory::written(request),
    };
    session.memory.locks.asked(id, &request);
    session.memory.writes.extend(written.map(|value| (id, value)));
    tell_calls(session, id, first, writes);
    session.out.push(Output::Request(id, request));
    Ok(vec![id.0.into()])
}

/// What goes on with another request comes from where that one did, and what a transform decided from where that returned.
fn tell_calls(session: &mut Session<'_, '_>, id: RequestId, first: Option<RequestId>, is_decided: bool) {
    let (calls, returned) = (session.calls(), session.origin.returned.take());
    let Some(callers) = &mut session.memory.callers else { return };
    let Some(mut calls) = first.and_then(|first| callers.get(&first).cloned()).or(calls) else { return };
    callers.insert(id, calls.clone());
    if let Some(returned) = returned.filter(|_| is_decided) {
        calls = format!("{returned} transform\n{calls}").into();
    }
    session.out.push(Output::CalledFrom(calls));
}

/// The transform of an `UpdateAsync` returned nil: the number of the request that began it.
pub(super) fn cancelled(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let first = arguments.optional_integer(0)?.and_then(|first| u32::try_from(first).ok()).map(RequestId);
    if let Some(first) = first.filter(|_| session.memory.callers.is_some()) {
        tell_calls(session, first, Some(first), true);
        session.out.push(Output::UpdateCancelled(first));
    }
    Ok(Vec::new())
}

/// `GetRequestBudgetForRequestType`.
pub(super) fn budget(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let kind: RequestType = arguments.name(0)?;
    // Scripts get an integer of 32 bits.
    let budget = session.turn.budget(kind, session.out).min(i32::MAX.unsigned_abs());
    Ok(vec![budget.into()])
}

/// `HttpService:JSONEncode`.
pub(super) fn encode(_: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    Ok(vec![json::encode(arguments.get(0))?.into()])
}

/// `HttpService:JSONDecode`.
pub(super) fn decode(_: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let text = arguments.text(0)?;
    if kept::room_of_json(text) > kept::JSON_MAX {
        return Err(NOT_ENOUGH.to_owned());
    }
    let json: Json = serde_json::from_str(text).map_err(|_| "Can't parse JSON".to_owned())?;
    Ok(vec![Answer::Json(Arc::new(json))])
}

/// `HttpService:GenerateGUID(false)`.
pub(super) fn guid(session: &mut Session<'_, '_>, _: Arguments<'_>) -> Answers {
    Ok(vec![session.memory.guids.make().into()])
}

/// How long `UpdateAsync` waits after a conflict until it reads again, in seconds.
pub(super) fn pause(session: &mut Session<'_, '_>, _: Arguments<'_>) -> Answers {
    let memory = &mut *session.memory;
    Ok(vec![Answer::Number(memory.pauses.span(memory.conflict_delay).as_secs_f64())])
}

/// A number for a new state of some data, unique in the run.
pub(super) fn stamp(session: &mut Session<'_, '_>, _: Arguments<'_>) -> Answers {
    session.memory.stamps += 1;
    Ok(vec![Answer::Number(whole(session.memory.life | session.memory.stamps))])
}

/// Puts an event of a session into the trace.
pub(super) fn emit(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let mut event = event::parse(arguments)?;
    if let GuestEvent::SessionStarted { player, acquired: acquired @ Acquired::Free, .. } = &mut event {
        *acquired = session.memory.locks.acquired(*player);
    }
    let calls = session.calls();
    session.out.extend(calls.map(Output::CalledFrom));
    session.out.push(Output::Event(event));
    Ok(Vec::new())
}

/// A line for the person who reads the trace: its level, and its text.
pub(super) fn log(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let level = arguments.name(0)?;
    match arguments.get(1) {
        ScriptValue::String(text) => session.say(level, text),
        ScriptValue::TooLarge => session.say(level, b"(a text that is too long to be printed)"),
        _ => return Err(arguments.wrong(1, "a string")),
    }
    Ok(Vec::new())
}

/// The game has asked its data module for a session.
pub(super) fn found(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let start = arguments.get(0).to_json().map_err(|_| "it is no plain data".to_owned())?;
    if let Some(starts) = &session.memory.starts {
        starts.add(start);
    }
    Ok(Vec::new())
}

/// A thread that the server cannot do without has failed: the error and its traceback.
pub(super) fn crash(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    match arguments.get(0) {
        ScriptValue::String(text) => session.out.push(Output::Crashed(cut(text).into())),
        ScriptValue::TooLarge => session.out.push(Output::Crashed("(an error that is too long to be shown)".into())),
        _ => return Err(arguments.wrong(0, "a string")),
    }
    Ok(Vec::new())
}

/// The server has finished closing.
pub(super) fn closed(session: &mut Session<'_, '_>, _: Arguments<'_>) -> Answers {
    session.out.push(Output::Closed);
    Ok(Vec::new())
}

/// A part of the tree of the user's files, by its number.
pub(super) fn tree(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let part = session.memory.tree.part(arguments.small(0)?);
    Ok(vec![part.ok_or_else(|| arguments.wrong(0, "the number of a part"))?])
}

/// The names that an alias of a `.luaurc` stands for: in which script, the alias, and the path behind it.
pub(super) fn aliased(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let names = session.memory.tree.aliased(arguments.text(0)?, arguments.text(1)?, arguments.text(2)?)?;
    Ok(vec![Answer::List(names.iter().map(|name| name.clone().into()).collect())])
}

/// The commands that bring folders of packages, by the names of the folders.
pub(super) fn installs(session: &mut Session<'_, '_>, _: Arguments<'_>) -> Answers {
    Ok(vec![session.memory.tree.installs()])
}

/// The chunk of another script of the prelude.
pub(super) fn part(session: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let name = arguments.text(0)?;
    let part = session.memory.prelude.part(name).ok_or_else(|| format!("host.part: there is no `{name}.luau`"))?;
    Ok(vec![Answer::Chunk(part)])
}

fn seconds(micros: u64) -> f64 {
    whole(micros) / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 are below 2^53 until the year 2255")]
fn unix_seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

#[expect(clippy::cast_precision_loss, reason = "runs are shorter than 285 years, and stamps below 2^53")]
fn whole(number: u64) -> f64 {
    number as f64
}
