//! What a schedule is without one kind of fault.

use dupeproof_sim::schedule::{
    FaultRates, Lifecycle, Limits, MemoryStoreProfile, RequestClass, Schedule, ServerPlan, ServiceProfile, WorldClock,
};

use super::Fault;

pub(super) fn take_out(fault: Fault, schedule: &mut Schedule) {
    schedule.timeline.retain(|step| Fault::of_action(&step.action) != Some(fault));
    match fault {
        Fault::CloseSpread => schedule.lifecycle.close_spread = Lifecycle::default().close_spread,
        Fault::MoveSpread => schedule.lifecycle.move_spread = Lifecycle::default().move_spread,
        Fault::ReceiptNotRecorded => schedule.lifecycle.unrecorded_ppm = Lifecycle::default().unrecorded_ppm,
        Fault::Studio => each(schedule, |server| server.studio = false),
        Fault::ClockOffset => each(schedule, |server| server.unix_offset = 0),
        Fault::ClockRate => each(schedule, |server| server.rate_ppm = 0),
        Fault::BackendClock => {
            let WorldClock { before_the_hour, .. } = schedule.clocks;
            schedule.clocks = WorldClock { before_the_hour, ..WorldClock::default() };
        }
        Fault::Refused
        | Fault::AppliedThenError
        | Fault::LostReply
        | Fault::LateReply
        | Fault::LateApply
        | Fault::AppliedTwice
        | Fault::NilRead => {
            for class in RequestClass::ALL {
                if let Some(ppm) = rate_mut(schedule.services.faults.of_mut(class), fault) {
                    *ppm = 0;
                }
            }
        }
        Fault::ServerLimits | Fault::UnorderedQueues | Fault::ExperienceLoad | Fault::KeyThroughput => {
            unlimited(fault, &mut schedule.services.limits);
        }
        Fault::Latency
        | Fault::MessageLost
        | Fault::MessageDoubled
        | Fault::PublishError
        | Fault::SubscribeError
        | Fault::SubscribeHang
        | Fault::MessagingLimits => healthy(fault, &mut schedule.services),
        Fault::Crash
        | Fault::Close
        | Fault::Move
        | Fault::Freeze
        | Fault::ClockStep
        | Fault::Partition
        | Fault::Disconnect
        | Fault::OutageDatastore
        | Fault::OutageMessaging
        | Fault::OutageMemoryStore => {}
        Fault::MemoryStoreLatency => {
            schedule.services.memory_store.latency = MemoryStoreProfile::default().latency;
        }
        Fault::MemoryStoreErrors => schedule.services.memory_store.faults = MemoryStoreProfile::default().faults,
        Fault::MemoryStoreLimits => {
            schedule.services.memory_store.units_ppm = MemoryStoreProfile::default().units_ppm;
        }
    }
}

/// How often the requests of a leg meet a fault; `None` if it is none that befalls single requests.
pub(crate) fn rate_mut(odds: &mut FaultRates, fault: Fault) -> Option<&mut u32> {
    match fault {
        Fault::Refused => Some(&mut odds.refused_ppm),
        Fault::AppliedThenError => Some(&mut odds.applied_then_error_ppm),
        Fault::LostReply => Some(&mut odds.lost_reply_ppm),
        Fault::LateReply => Some(&mut odds.late_reply_ppm),
        Fault::LateApply => Some(&mut odds.late_apply_ppm),
        Fault::AppliedTwice => Some(&mut odds.applied_twice_ppm),
        Fault::NilRead => Some(&mut odds.nil_read_ppm),
        _ => None,
    }
}

fn each(schedule: &mut Schedule, change: fn(&mut ServerPlan)) {
    schedule.servers.iter_mut().for_each(change);
}

fn unlimited(fault: Fault, limits: &mut Limits) {
    let ordinary = Limits::default();
    match fault {
        Fault::ServerLimits => {
            limits.server_percent = ordinary.server_percent;
            limits.startup_burst = ordinary.startup_burst;
            limits.saved_seconds = ordinary.saved_seconds;
            limits.queue = ordinary.queue;
        }
        Fault::UnorderedQueues => limits.fifo = ordinary.fifo,
        Fault::ExperienceLoad => {
            limits.experience_percent = ordinary.experience_percent;
            limits.other_players = ordinary.other_players;
            limits.other_load_percent = ordinary.other_load_percent;
        }
        _ => limits.padding_kb = ordinary.padding_kb,
    }
}

fn healthy(fault: Fault, services: &mut ServiceProfile) {
    let calm = ServiceProfile::default();
    match fault {
        Fault::Latency => {
            services.datastore_latency = calm.datastore_latency;
            services.messaging_latency = calm.messaging_latency;
            services.delivery_delay = calm.delivery_delay;
        }
        Fault::MessageLost => services.message_lost_ppm = 0,
        Fault::MessageDoubled => services.message_doubled_ppm = 0,
        Fault::PublishError => services.publish_error_ppm = 0,
        Fault::SubscribeError => services.subscribe_error_ppm = 0,
        Fault::SubscribeHang => services.subscribe_hang_ppm = 0,
        _ => services.limits.messaging_percent = calm.limits.messaging_percent,
    }
}
