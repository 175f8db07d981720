//! Contrived situations, made of freezes, cuts and outages: what chance would hardly ever bring together.

mod given_up_start;
mod refused_purchase;
mod slow_close;
mod troubled_end;

use dupeproof_core::Span;
use dupeproof_sim::guest::Command;
use dupeproof_sim::id::{MessageId, PlayerId, ReceiptId, ServiceName, Slot, TradeId};
use dupeproof_sim::schedule::{Action, Direction, RequestClass, RequestFault, Step};

use super::itinerary::Stay;
use crate::between::Between;
use crate::catalogue::catalogue;
use crate::fault::{Draw, Fault, Target};

catalogue! {
    /// A contrived situation, made of faults.
    pub enum Pattern {
        SilentHolder "silent_holder" "a server is silent for longer than its lease while its player joins another server",
        ThirdWaiter "third_waiter" "a third server asks for a held lock and gives up, while the one before it is silent",
        LateAcquire "late_acquire" "the reply to the request that took a lock comes late, a server waits for that lock, and its holder falls silent",
        OverfullHolder "overfull_holder" "the holder of a lock has data that cannot be stored, while another server waits for the lock",
        HungVictim "hung_victim" "in the middle of a trade, a lock is stolen or lifted whose holder's requests hang",
        LateErrands "late_errands" "a game trades, gives, buys and saves with sessions that are suspended or have just ended",
        CutOffHolder "cut_off_holder" "a server cannot reach the DataStore or memory stores for minutes, and its player plays on there and joins another",
        RefusedPurchase "refused_purchase" "the DataStore refuses everything for about as long as a save is tried, and a player buys meanwhile",
        TroubledEnd "troubled_end" "a player leaves a server that cannot reach the DataStore, and joins another",
        GivenUpStart "given_up_start" "a player joins a server that cannot reach the DataStore, leaves again, and joins another",
        SlowClose "slow_close" "a server closes with its players, and its writes are answered late",
    }
}

/// Appends a situation around some stay, in no order: the number of servers and of players, and when the schedule ends.
type Plan = fn(&mut Draw, (u16, u16, Span), &[Stay], &mut Vec<Step>);

/// Those that are made after what chance brings, in this order, each from the stream of this name.
pub(super) const AFTERWARDS: &[(Pattern, &str, Plan)] = &[
    (Pattern::ThirdWaiter, "rivals", third_waiter),
    (Pattern::LateAcquire, "late acquire", late_acquire),
    (Pattern::OverfullHolder, "overfull holder", overfull_holder),
    (Pattern::HungVictim, "hung victim", hung_victim),
    (Pattern::LateErrands, "late errands", late_errands),
    (Pattern::CutOffHolder, "cut off holder", cut_off_holder),
    (Pattern::RefusedPurchase, "refused purchase", refused_purchase::plan),
    (Pattern::TroubledEnd, "troubled end", troubled_end::plan),
    (Pattern::GivenUpStart, "given up start", given_up_start::plan),
    (Pattern::SlowClose, "slow close", slow_close::plan),
];

/// [`Pattern::SilentHolder`]: a server is frozen or cut off, for about as long as leases last or longer, after a player arrived there; around
/// that moment the player joins another server and stays until that one may take over.
pub(super) fn silent_holder(draw: &mut Draw, target: &Target<'_>, steps: &mut Vec<Step>) {
    if target.players.is_empty() || target.servers < 2 {
        return;
    }
    let can_freeze = target.faults.has(const { Fault::named("freeze") });
    let first = draw.index(target.players.len());
    let (before, after) = target.players.split_at(first);
    let arrival = after.iter().chain(before).find_map(|step| match step.action {
        Action::Command { server, command: Command::Join(player) } => Some((step.at, server, player)),
        _ => None,
    });
    let Some((joined, holder, player)) = arrival else { return };
    let waiter = (holder + 1 + draw.below(target.servers - 1)) % target.servers;
    let at = joined + draw.span(Between { min: Span::millis(100), max: Span::secs(30) });
    let reach = draw.pick(&[Span::secs(2), Span::secs(20)]);
    let arrives = at + draw.span(Between { min: Span::ZERO, max: reach });
    let arrives = if draw.percent(50) { arrives } else { Span((2 * at.0).saturating_sub(arrives.0)) };
    let leaves = arrives + draw.span(Between { min: Span::secs(50), max: Span::secs(200) });
    let mut command = |at, server, command| steps.push(Step { at, action: Action::Command { server, command } });
    command(arrives, waiter, Command::Join(player));
    command(draw.span(Between { min: arrives, max: leaves }), waiter, Command::Edit(player));
    command(leaves, waiter, Command::Leave(player));
    if draw.percent(50) {
        // The holder's last word: a save that only just gets through.
        let before = draw.span(Between { min: Span::millis(100), max: Span::millis(1_500) });
        command(Span(at.0.saturating_sub(before.0)), holder, Command::Save(player));
    }
    silence(draw, (at, holder), can_freeze, (arrives, waiter), steps);
}

/// The stay that a pattern is about; `None` if there is none.
fn any_stay(draw: &mut Draw, stays: &[Stay]) -> Option<Stay> {
    (!stays.is_empty()).then(|| stays[draw.index(stays.len())])
}

/// A player does not leave at the end of a stay.
fn stay_on(player: PlayerId, server: Slot, to: Span, timeline: &mut Vec<Step>) {
    let leave = Action::Command { server, command: Command::Leave(player) };
    timeline.retain(|step| step.at != to || step.action != leave);
}

/// Any server but this one.
fn another(draw: &mut Draw, server: Slot, servers: u16) -> Slot {
    (server + 1 + draw.below(servers - 1)) % servers
}

/// Adds what happens before the end of the schedule.
fn within(length: Span, timeline: &mut Vec<Step>) -> impl FnMut(Span, Action) {
    move |at, action| timeline.extend((at <= length).then_some(Step { at, action }))
}

/// [`Pattern::ThirdWaiter`]: two servers ask for a lock that is held, one after the other. The first falls silent, the second gives up; when
/// the first is back, everything it knows of its own request is out of date.
fn third_waiter(draw: &mut Draw, (servers, _, length): (u16, u16, Span), stays: &[Stay], timeline: &mut Vec<Step>) {
    if servers < 3 {
        return;
    }
    let Some(Stay { player, server: holder, from, .. }) = any_stay(draw, stays) else { return };
    let mut push = within(length, timeline);
    let [first, second] = [1, 2].map(|next| (holder + next) % servers);
    let asked = from + draw.span(Between { min: Span::secs(1), max: Span::secs(8) });
    let again = asked + draw.span(Between { min: Span::ZERO, max: Span::secs(2) });
    let silent = again + draw.span(Between { min: Span::ZERO, max: Span::secs(2) });
    let gives_up = again + draw.span(Between { min: Span::millis(200), max: Span::secs(6) });
    let span = draw.span(Between { min: Span::secs(20), max: Span::secs(100) });
    let leaves = silent + span + draw.span(Between { min: Span::secs(1), max: Span::secs(60) });
    let outage = Span(leaves.0 - from.0);
    push(from, Action::Outage { service: ServiceName::Messaging, span: outage });
    push(asked, Action::Command { server: first, command: Command::Join(player) });
    push(again, Action::Command { server: second, command: Command::Join(player) });
    push(gives_up, Action::Command { server: second, command: Command::Leave(player) });
    push(leaves, Action::Command { server: first, command: Command::Leave(player) });
    let service = ServiceName::DataStore;
    push(
        silent,
        match draw.below(3) {
            0 => Action::Partition { server: first, service, direction: Direction::Both, span },
            _ => Action::Freeze { server: first, span },
        },
    );
}

/// [`Pattern::LateAcquire`]: a server takes a lock and learns it late. Meanwhile another server asks for the lock, which
/// the first cannot know: it was not live when it was told. Once it is, it falls silent.
fn late_acquire(draw: &mut Draw, (servers, _, length): (u16, u16, Span), stays: &[Stay], timeline: &mut Vec<Step>) {
    if servers < 2 {
        return;
    }
    let Some(Stay { player, server: holder, from, .. }) = any_stay(draw, stays) else { return };
    let mut push = within(length, timeline);
    let waiter = another(draw, holder, servers);
    let late = draw.pick(&[
        Between { min: Span::secs(3), max: Span::secs(9) },
        Between { min: Span::secs(8), max: Span::secs(28) },
    ]);
    let late = draw.span(late);
    let armed = Span(from.0.saturating_sub(draw.span(Between { min: Span::ZERO, max: Span::millis(50) }).0));
    let fault = RequestFault::LateReply { span: late };
    push(
        armed,
        Action::FailNext { server: holder, service: ServiceName::DataStore, class: RequestClass::Write, fault },
    );
    let asked = from + draw.span(Between { min: Span::millis(500), max: Span(late.0 / 2) });
    let leaves = asked + draw.span(Between { min: Span::secs(60), max: Span::secs(200) });
    push(asked, Action::Command { server: waiter, command: Command::Join(player) });
    push(draw.within(asked, leaves), Action::Command { server: waiter, command: Command::Edit(player) });
    push(leaves, Action::Command { server: waiter, command: Command::Leave(player) });
    let span = draw.span(Between { min: Span::secs(50), max: Span::secs(120) });
    if draw.percent(50) {
        let live = from + late + draw.span(Between { min: Span::millis(300), max: Span::secs(2) });
        return push(live, Action::Freeze { server: holder, span });
    }
    // The late reply comes through, and nothing else that the server would learn from.
    let (service, direction) = (ServiceName::DataStore, Direction::ToService);
    let cut = from + Span(late.0 * 3 / 4);
    push(cut, Action::Partition { server: holder, service, direction, span });
    push(from, Action::Outage { service: ServiceName::Messaging, span: late + span });
}

/// [`Pattern::OverfullHolder`]: the game puts something into a player's data that cannot be stored, and saves. Mostly the
/// player turns up on another server, which the holder often learns from the record alone, or too late; and mostly the
/// game takes it out again.
fn overfull_holder(draw: &mut Draw, (servers, _, length): (u16, u16, Span), stays: &[Stay], timeline: &mut Vec<Step>) {
    if servers < 2 {
        return;
    }
    let Some(Stay { player, server: holder, from, to }) = any_stay(draw, stays) else { return };
    let mut push = within(length, timeline);
    let command = |server, command| Action::Command { server, command };
    let at = draw.within(from, to);
    push(at, command(holder, Command::Overfill(player)));
    let asked = Span((at.0 + draw.span(Between { min: Span::ZERO, max: Span::secs(6) }).0).saturating_sub(2_000_000));
    let mut saved = asked;
    for _ in 0..=draw.below(2) {
        saved = at.max(asked) + draw.span(Between { min: Span::ZERO, max: Span::secs(12) });
        push(saved, command(holder, Command::Save(player)));
    }
    if draw.percent(60) {
        let mended = at + draw.span(Between { min: Span::millis(500), max: Span::secs(25) });
        push(mended, command(holder, Command::Overfill(player)));
    }
    if draw.percent(25) {
        return push(saved, command(holder, Command::Leave(player)));
    }
    let waiter = another(draw, holder, servers);
    let leaves = asked + draw.span(Between { min: Span::secs(20), max: Span::secs(150) });
    push(asked, command(waiter, Command::Join(player)));
    push(draw.within(asked, leaves), command(waiter, Command::Edit(player)));
    push(leaves, command(waiter, Command::Leave(player)));
    if draw.percent(60) {
        let span = draw.span(Between { min: Span::secs(50), max: Span::secs(120) });
        let service = ServiceName::Messaging;
        push(asked, Action::Outage { service, span: Span(saved.0.saturating_sub(asked.0)) + span });
        let silent = saved + draw.span(Between { min: Span::millis(300), max: Span::secs(2) });
        let (service, direction) = (ServiceName::DataStore, Direction::ToService);
        push(silent, Action::Partition { server: holder, service, direction, span });
    }
}

/// [`Pattern::CutOffHolder`]: longer than any lock that is taken over when nobody renews it for a minute or two.
const CUT: Between<Span> = Between { min: Span::secs(60), max: Span::secs(400) };

/// The purchase of [`Pattern::CutOffHolder`]: no market has as many.
const CUT_RECEIPT: ReceiptId = ReceiptId(30_000);

/// [`Pattern::CutOffHolder`]: a server's requests, or their answers, do not come through for minutes. Its player stays, plays on and
/// buys, and is soon on another server, too, for long enough that it may take the profile over. Now and then the last answer
/// that comes through is one that took long.
fn cut_off_holder(draw: &mut Draw, (servers, _, length): (u16, u16, Span), stays: &[Stay], timeline: &mut Vec<Step>) {
    if servers < 2 {
        return;
    }
    let Some(Stay { player, server: holder, from, to }) = any_stay(draw, stays) else { return };
    let command = |server, command| Action::Command { server, command };
    let leave = command(holder, Command::Leave(player));
    stay_on(player, holder, to, timeline);
    let mut push = within(length, timeline);
    let asked = from + draw.span(Between { min: Span::secs(2), max: Span::secs(40) });
    let after = |draw: &mut Draw, at: Span, most| at + draw.span(Between { min: Span::ZERO, max: Span::secs(most) });
    let (at, comes) = if draw.percent(35) {
        let late = RequestFault::LateReply { span: draw.span(LATE) };
        for service in [ServiceName::DataStore, ServiceName::MemoryStore] {
            push(asked, Action::FailNext { server: holder, service, class: RequestClass::Write, fault: late });
        }
        push(asked + Span::millis(50), command(holder, Command::Save(player)));
        (asked + Span::secs(1), Span(asked.0 - draw.span(Between { min: Span::ZERO, max: Span::secs(2) }).0))
    } else {
        (asked, after(draw, asked, 60))
    };
    let healed = at + draw.span(CUT);
    cut_off(draw, (at, healed), holder, at > asked, &mut push);
    let waiter = another(draw, holder, servers);
    let goes = after(draw, healed.max(comes + Span::secs(30)), 60);
    push(comes, command(waiter, Command::Join(player)));
    for _ in 0..3 {
        push(draw.within(at, healed), command(holder, Command::Edit(player)));
        push(draw.within(comes, goes), command(waiter, Command::Edit(player)));
    }
    push(draw.within(at, healed), Action::Purchase { player, receipt: CUT_RECEIPT });
    push(goes, command(waiter, Command::Leave(player)));
    push(after(draw, healed, 240).max(to), leave);
}

/// How late the last answer is.
const LATE: Between<Span> = Between { min: Span::secs(18), max: Span::secs(29) };

/// What the holder asks for, or the answers, or both: but for one that is to come through.
fn cut_off(
    draw: &mut Draw,
    (at, healed): (Span, Span),
    server: Slot,
    answers_come: bool,
    push: &mut impl FnMut(Span, Action),
) {
    let span = Span(healed.0 - at.0);
    let services: &[ServiceName] = match draw.below(4) {
        0 if !answers_come => &[ServiceName::MemoryStore],
        1 => &[ServiceName::DataStore, ServiceName::MemoryStore],
        _ => &[ServiceName::DataStore],
    };
    let direction = draw.pick(&[Direction::ToService, Direction::FromService, Direction::Both]);
    let direction = if answers_come { Direction::ToService } else { direction };
    for &service in services {
        push(at, Action::Partition { server, service, direction, span });
    }
    if draw.percent(50) {
        push(at, Action::Outage { service: ServiceName::Messaging, span });
    }
}

/// The number of the trade of [`Pattern::HungVictim`]: no market has as many.
const HUNG_TRADE: TradeId = TradeId(10_000);

/// [`Pattern::HungVictim`]: of two players on two servers who trade, one's server hangs at any of the trade's steps. Then
/// another server steals the lock, or an admin there writes an old record back or removes it. What hangs comes through
/// when the other side has come, or before it does, mostly while the victim is still live by its own lease.
fn hung_victim(
    draw: &mut Draw,
    (servers, players, length): (u16, u16, Span),
    stays: &[Stay],
    timeline: &mut Vec<Step>,
) {
    if servers < 2 || players < 2 {
        return;
    }
    let Some(Stay { player, server: victim, from, to }) = any_stay(draw, stays) else { return };
    let mut push = within(length, timeline);
    let command = |server, command| Action::Command { server, command };
    let (there, thief) = (another(draw, victim, servers), another(draw, victim, servers));
    let partner = PlayerId((player.0 + 1 + draw.below(players - 1)) % players);
    let at = draw.within(from + Span::secs(1), to.max(from + Span::secs(10)));
    let hangs = at + draw.span(Between { min: Span::millis(50), max: Span::millis(1_200) });
    let span = draw.pick(&[
        Between { min: Span::secs(4), max: Span::secs(14) },
        Between { min: Span::secs(10), max: Span::secs(45) },
    ]);
    let span = draw.span(span);
    let forced = hangs + draw.span(Between { min: Span::millis(200), max: Span::secs(4) });
    let comes = match draw.below(4) {
        0 | 1 => Between { min: at, max: at + Span::secs(2) },
        2 => Between { min: forced + Span::secs(1), max: (hangs + span).max(forced + Span::secs(3)) },
        _ => Between { min: hangs + span, max: hangs + span + Span::secs(20) },
    };
    let comes = draw.span(comes);
    push(Span(at.0.saturating_sub(5_000_000)), command(victim, Command::Join(player)));
    push(Span(comes.0.saturating_sub(5_000_000)), command(there, Command::Join(partner)));
    push(at, command(victim, Command::Trade { player, partner, trade: HUNG_TRADE }));
    push(comes, command(there, Command::Trade { player: partner, partner: player, trade: HUNG_TRADE }));
    hang(draw, (hangs, victim), span, &mut push);
    match draw.below(5) {
        0 => push(forced, command(thief, Command::Rollback(player))),
        1 => push(forced, command(thief, Command::Remove(player))),
        _ => {
            push(forced, command(thief, Command::Steal(player)));
            let leaves = forced + draw.span(Between { min: Span::secs(5), max: Span::secs(120) });
            push(leaves, command(thief, Command::Leave(player)));
        }
    }
}

/// The first number of the trades, gifts, purchases and messages of [`Pattern::LateErrands`]: no market has as many.
const ERRANDS: u32 = 20_000;

/// [`Pattern::LateErrands`]: a server cannot reach the DataStore for longer than its lease, often in the middle of a trade or
/// a gift, and its game goes on as if nothing were wrong. Or a player leaves, and the game goes on with the session.
fn late_errands(
    draw: &mut Draw,
    (servers, players, length): (u16, u16, Span),
    stays: &[Stay],
    timeline: &mut Vec<Step>,
) {
    if players < 2 {
        return;
    }
    let Some(Stay { player, server, from, to }) = any_stay(draw, stays) else { return };
    let partner = PlayerId((player.0 + 1 + draw.below(players - 1)) % players);
    let mut push = within(length, timeline);
    let command = |command| Action::Command { server, command };
    let errands = |number| Command::Errands { player, partner, errand: TradeId(ERRANDS + number) };
    if draw.percent(40) {
        push(to, command(Command::Leave(player)));
        for number in 0..3 {
            let soon = to + draw.span(Between { min: Span::ZERO, max: Span::secs(2) });
            push(soon, command(errands(number)));
        }
        return;
    }
    let at = draw.within(from + Span::secs(1), to.max(from + Span::secs(5)));
    let span = draw.span(Between { min: Span::secs(50), max: Span::secs(120) });
    let direction = draw.pick(&[Direction::ToService, Direction::FromService, Direction::Both]);
    push(at, Action::Partition { server, service: ServiceName::DataStore, direction, span });
    if draw.percent(60) {
        let before = Span(at.0.saturating_sub(draw.span(Between { min: Span::ZERO, max: Span::secs(1) }).0));
        push(before, command(deal(draw, (player, partner), TradeId(ERRANDS + 10))));
    }
    if servers > 1 && draw.percent(50) {
        // Another server may take the lock over meanwhile, and go on with what the escrow holds.
        let taker = another(draw, server, servers);
        let joins = at + draw.span(Between { min: Span::ZERO, max: Span::secs(20) });
        push(joins, Action::Command { server: taker, command: Command::Join(player) });
        let leaves = joins + draw.span(Between { min: Span::secs(50), max: Span::secs(200) });
        push(leaves, Action::Command { server: taker, command: Command::Leave(player) });
    }
    for number in 11..=13 + u32::from(draw.below(3)) {
        let suspended = at + draw.span(Between { min: Span::secs(40), max: span + Span::secs(1) });
        let action = match draw.below(6) {
            0 | 1 => command(deal(draw, (player, partner), TradeId(ERRANDS + number))),
            2 => Action::Purchase { player, receipt: ReceiptId(ERRANDS + number) },
            3 => command(Command::Send { to: player, message: MessageId(ERRANDS + number) }),
            4 => command(Command::Save(player)),
            _ => command(errands(number)),
        };
        push(suspended, action);
    }
}

/// One side of a trade, or a gift.
fn deal(draw: &mut Draw, (player, partner): (PlayerId, PlayerId), trade: TradeId) -> Command {
    if draw.percent(50) {
        Command::Trade { player, partner, trade }
    } else {
        Command::Gift { from: player, to: partner, gift: trade }
    }
}

/// A server does nothing, or all that it asks of the DataStore waits, or its next read; and no message tells it why.
fn hang(draw: &mut Draw, (at, server): (Span, Slot), span: Span, push: &mut impl FnMut(Span, Action)) {
    let service = ServiceName::DataStore;
    push(
        at,
        match draw.below(10) {
            0 | 1 => return push(at, Action::Freeze { server, span }),
            2..5 => Action::Partition { server, service, direction: Direction::ToService, span },
            5 => Action::Partition { server, service, direction: Direction::FromService, span },
            _ => Action::FailNext {
                server,
                service: ServiceName::DataStore,
                class: RequestClass::Read,
                fault: RequestFault::LateReply { span },
            },
        },
    );
    push(at, Action::Outage { service: ServiceName::Messaging, span });
}

/// The holder cannot be reached from `at` on; sometimes nobody can be told before, and the waiter's first requests
/// take their time.
fn silence(
    draw: &mut Draw,
    (at, holder): (Span, Slot),
    can_freeze: bool,
    (arrives, waiter): (Span, Slot),
    steps: &mut Vec<Step>,
) {
    let span = draw.span(Between { min: Span::secs(30), max: Span::secs(120) });
    let cut = |server, direction, span| {
        let service = ServiceName::DataStore;
        Action::Partition { server, service, direction, span }
    };
    let action = if can_freeze && draw.percent(50) {
        Action::Freeze { server: holder, span }
    } else {
        let direction = draw.pick(&[Direction::ToService, Direction::FromService, Direction::Both]);
        cut(holder, direction, span)
    };
    steps.push(Step { at, action });
    if draw.percent(50) {
        let from = Span(at.min(arrives).0.saturating_sub(500_000));
        let action = Action::Outage { service: ServiceName::Messaging, span: Span(at.0 - from.0) + span };
        steps.push(Step { at: from, action });
    }
    if draw.percent(30) {
        let span = draw.span(Between { min: Span::secs(2), max: Span::secs(25) });
        steps.push(Step { at: arrives, action: cut(waiter, Direction::ToService, span) });
    }
}
