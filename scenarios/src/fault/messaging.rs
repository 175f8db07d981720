//! MessagingService.

use dupeproof_sim::id::ServiceName;
use dupeproof_sim::request::RequestKind;
use dupeproof_sim::schedule::{Action, Limits};
use dupeproof_sim::trace::Event;

use super::data_store::{lasting, outage};
use super::evidence::Evidence;
use super::extent::{Extent, ExtentOf};
use super::group::Group;
use super::row::{CauseRow, Draws, FaultRow, Shows, Sign, Stream};

pub(super) const FAULTS: &[FaultRow] = &[
    FaultRow {
        name: "outage_messaging",
        about: "MessagingService refuses everything and delivers nothing for a while",
        words: "an outage of MessagingService",
        extents: &[Extent {
            words: "an outage of MessagingService of {}",
            of: ExtentOf::Steps(|action| lasting(action, ServiceName::Messaging)),
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "class reference, MessagingService: calls raise on failure; the outage of 2021-10-28 to 31",
        is: |action| matches!(action, Action::Outage { service: ServiceName::Messaging, .. }),
        draws: &[Draws::steps(Stream::Shared, 6, |draw, target, steps| {
            target.several(draw, |draw| outage(draw, target, ServiceName::Messaging, steps));
        })],
        cause: CauseRow::As(Group::Silence),
        probes: &[Sign {
            name: "outage_messaging",
            about: "Outages of MessagingService.",
            shows: Shows::Event(|event, _| matches!(event, Event::OutageBegan { service: ServiceName::Messaging })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "message_lost",
        about: "a message never reaches a subscriber",
        words: "a lost message",
        by_chance: true,
        evidence: Evidence::Documented,
        source: "class reference, MessagingService: \"best effort and not guaranteed\"",
        draws: &[Draws::setting(Stream::Shared, 1, |draw, schedule| {
            schedule.services.message_lost_ppm = draw.steady_ppm();
        })],
        take_out: |schedule| schedule.services.message_lost_ppm = 0,
        cause: CauseRow::As(Group::Silence),
        probes: &[Sign {
            name: "message_lost",
            about: "Messages lost on their way.",
            shows: Shows::Event(|event, _| matches!(event, Event::MessageLost { .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "message_doubled",
        about: "a message reaches a subscriber twice, in any order with others",
        words: "a message delivered twice",
        by_chance: true,
        evidence: Evidence::NeverSeen,
        source: "neither uniqueness nor order is documented",
        draws: &[Draws::setting(Stream::Shared, 2, |draw, schedule| {
            schedule.services.message_doubled_ppm = draw.steady_ppm();
        })],
        take_out: |schedule| schedule.services.message_doubled_ppm = 0,
        probes: &[Sign {
            name: "message_doubled",
            about: "Messages delivered twice.",
            shows: Shows::Event(|event, _| matches!(event, Event::MessageDoubled { .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "publish_error",
        about: "a publish is answered with an error; half of them were accepted anyway",
        words: "a failed publish",
        by_chance: true,
        evidence: Evidence::Documented,
        source: "class reference, MessagingService:PublishAsync: raises on failure; that some were accepted is inferred",
        draws: &[Draws::setting(Stream::Shared, 3, |draw, schedule| {
            schedule.services.publish_error_ppm = draw.steady_ppm();
        })],
        take_out: |schedule| schedule.services.publish_error_ppm = 0,
        probes: &[Sign {
            name: "publish_failed",
            about: "Publishes that were answered with an error.",
            shows: Shows::Error(|kind, _| kind == RequestKind::Publish),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "subscribe_error",
        about: "a subscribe is answered with an error",
        words: "a failed subscribe",
        by_chance: true,
        evidence: Evidence::Reported,
        source: "ProfileStore PR 4",
        draws: &[Draws::setting(Stream::Shared, 4, |draw, schedule| {
            schedule.services.subscribe_error_ppm = draw.steady_ppm();
        })],
        take_out: |schedule| schedule.services.subscribe_error_ppm = 0,
        cause: CauseRow::As(Group::Subscribe),
        probes: &[Sign {
            name: "subscribe_failed",
            about: "Subscribes that were answered with an error.",
            shows: Shows::Error(|kind, _| kind == RequestKind::Subscribe),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "subscribe_hang",
        about: "a subscribe is never answered",
        words: "a subscribe that is never answered",
        by_chance: true,
        evidence: Evidence::Reported,
        source: "ProfileStore PR 4",
        draws: &[Draws::setting(Stream::Shared, 5, |draw, schedule| {
            schedule.services.subscribe_hang_ppm = draw.steady_ppm();
        })],
        take_out: |schedule| schedule.services.subscribe_hang_ppm = 0,
        cause: CauseRow::As(Group::Subscribe),
        probes: &[Sign {
            name: "subscribe_hung",
            about: "Subscribes that were never answered.",
            shows: Shows::Event(|event, _| matches!(event, Event::SubscribeHung { .. })),
        }],
        ..FaultRow::BLANK
    },
    FaultRow {
        name: "messaging_limits",
        about: "few messages may be sent and received: the others fail, or are dropped",
        words: "few messages allowed",
        extents: &[Extent {
            words: "{} of the messages that are allowed",
            least: "",
            of: ExtentOf::Knob("messaging_limit_percent"),
            ..Extent::BLANK
        }],
        evidence: Evidence::Documented,
        source: "class reference, MessagingService (2024-02-12); that those received are dropped silently is inferred",
        draws: &[Draws::setting(Stream::Shared, 10, |draw, schedule| {
            schedule.services.limits.messaging_percent = draw.pick(&[1, 3, 10]);
        })],
        take_out: |schedule| schedule.services.limits.messaging_percent = Limits::default().messaging_percent,
        cause: CauseRow::As(Group::Silence),
        probes: &[Sign {
            name: "message_dropped",
            about: "Messages dropped because too many were sent.",
            shows: Shows::Event(|event, _| matches!(event, Event::MessageDropped { .. })),
        }],
        ..FaultRow::BLANK
    },
];
