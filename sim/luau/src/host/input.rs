//! Inputs of a server, as the arguments of its dispatch function.

use std::sync::Arc;

use dupeproof_core::{Now, Stored, VersionInfo};
use dupeproof_sim::request::{Address, Entry, Key, KeyInfo, Reading};
use dupeproof_sim::{Command, Input, Response, ServiceError};
use serde_json::Value as Json;

use super::memory;
use super::request::version_token;
use crate::value::Answer;

/// The arguments for an input, without its time. `written` is the value of the conditional write that is answered now.
pub(crate) fn arguments(input: Input, now: Now, written: Option<Stored>) -> Vec<Answer> {
    match input {
        Input::Wake => Vec::new(),
        Input::Response(id, result) => {
            let mut arguments = vec!["response".into(), id.0.into(), result.is_ok().into()];
            match result {
                Ok(response) => self::response(response, written, &mut arguments),
                Err(problem) => arguments.extend([problem.to_string().into(), name_of(problem).into()]),
            }
            arguments
        }
        Input::Message(subscription, payload) => {
            // The payload does not say when it was sent; scripts get whole seconds, and messages take about one.
            let sent = Answer::Number(whole(now.unix.os_time()));
            vec!["message".into(), subscription.0.into(), payload.into(), sent]
        }
        Input::Command(command) => self::command(command),
        // No module has the leases of this project.
        Input::SetLease(_) => Vec::new(),
        Input::Close => vec!["close".into()],
    }
}

/// The variant's name in snake case.
fn name_of(problem: ServiceError) -> String {
    match serde_json::to_value(problem) {
        Ok(Json::String(name)) => name,
        Ok(Json::Object(fields)) => fields.into_iter().next().map(|(name, _)| name).unwrap_or_default(),
        _ => String::new(),
    }
}

fn response(response: Response, written: Option<Stored>, arguments: &mut Vec<Answer>) {
    match response {
        Response::Value(Reading { version, entry }) => {
            entry_arguments(entry, Some(Answer::option(version.map(version_token))), arguments);
        }
        Response::Committed(info) => {
            arguments.extend(["committed".into(), key_info(&info), written.map_or(Answer::Nil, json)]);
        }
        Response::Incremented(sum, info) => arguments.extend([Answer::Number(whole(sum)), key_info(&info)]),
        Response::Conflict => arguments.push("conflict".into()),
        Response::Removed(entry) => entry_arguments(entry, None, arguments),
        Response::OldValue(entry) => {
            let version = Answer::option(entry.as_ref().map(|entry| version_token(entry.info.version)));
            entry_arguments(entry, Some(version), arguments);
        }
        Response::Versions(page) => {
            let items = page.items.iter().map(version_info).collect();
            arguments.extend([Answer::List(items), Answer::option(page.next)]);
        }
        Response::Keys(page) => {
            let items = page.items.iter().map(|key| key_name(key)).collect();
            arguments.extend([Answer::List(items), Answer::option(page.next)]);
        }
        Response::Sorted(page) => {
            let sorted = |(key, value): (Key, i64)| {
                Answer::Fields(vec![("key", key_name(&key)), ("value", Answer::Number(whole(value)))])
            };
            arguments.extend([Answer::List(page.items.into_iter().map(sorted).collect()), Answer::option(page.next)]);
        }
        Response::Memory(answer) => memory::answer(answer, written, arguments),
        Response::Published | Response::Subscribed => {}
    }
}

/// Whether there is a value, the value, the version if it is asked for, and the rest.
fn entry_arguments(entry: Option<Entry>, version: Option<Answer>, arguments: &mut Vec<Answer>) {
    let info = entry.as_ref().map(|entry| key_info(&entry.info));
    arguments.push(entry.is_some().into());
    arguments.push(entry.map_or(Answer::Nil, |entry| json(entry.value)));
    arguments.extend(version);
    arguments.push(info.unwrap_or(Answer::Nil));
}

/// The key alone, without its store and scope.
fn key_name(address: &str) -> Answer {
    Answer::String(Address::parse(address).key)
}

fn json(stored: Stored) -> Answer {
    match stored {
        Stored::Other(json) => Answer::Json(json),
        Stored::Record(_) => Answer::Json(Arc::new(stored.to_json())),
    }
}

fn key_info(info: &KeyInfo) -> Answer {
    let user_ids = |ids: &[i64]| Answer::List(ids.iter().map(|id| Answer::Number(whole(*id))).collect());
    let metadata = |metadata: &Json| match metadata {
        Json::Object(_) => Answer::Json(Arc::new(metadata.clone())),
        _ => Answer::Fields(Vec::new()),
    };
    let attributes = info.attributes.as_deref();
    Answer::Fields(vec![
        ("CreatedTime", Answer::Number(whole(info.created_time))),
        ("UpdatedTime", Answer::Number(whole(info.updated_time))),
        ("Version", info.version.id(info.updated_time).into()),
        ("UserIds", user_ids(attributes.map_or(&[], |attributes| &attributes.user_ids))),
        ("Metadata", metadata(attributes.map_or(&Json::Null, |attributes| &attributes.metadata))),
    ])
}

fn version_info(info: &VersionInfo) -> Answer {
    Answer::Fields(vec![
        ("CreatedTime", Answer::Number(whole(info.created_time))),
        ("IsDeleted", info.is_deleted.into()),
        ("Version", info.version.clone().into()),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "a script's numbers hold no more")]
fn whole(number: i64) -> f64 {
    number as f64
}

fn command(command: Command) -> Vec<Answer> {
    let (name, numbers): (_, Vec<Answer>) = match command {
        Command::Join(player) => ("join", vec![player.0.into()]),
        Command::Leave(player) => ("leave", vec![player.0.into()]),
        Command::Edit(player) => ("edit", vec![player.0.into()]),
        Command::Save(player) => ("save", vec![player.0.into()]),
        Command::Swap(first, second) => ("swap", vec![first.0.into(), second.0.into()]),
        Command::Trade { player, partner, trade } => ("trade", vec![player.0.into(), partner.0.into(), trade.0.into()]),
        Command::Gift { from, to, gift } => ("gift", vec![from.0.into(), to.0.into(), gift.0.into()]),
        Command::Receipt { player, receipt } => ("receipt", vec![player.0.into(), receipt.0.into()]),
        Command::Send { to, message } => ("send", vec![to.0.into(), message.0.into()]),
        Command::Steal(player) => ("steal", vec![player.0.into()]),
        Command::Remove(player) => ("remove", vec![player.0.into()]),
        Command::Rollback(player) => ("rollback", vec![player.0.into()]),
        // No adapter says what a module does with such data.
        Command::Overfill(_) => return Vec::new(),
        // Nor with a session that is over: an adapter keeps none.
        Command::Errands { .. } => return Vec::new(),
    };
    ["command".into(), name.into()].into_iter().chain(numbers).collect()
}
