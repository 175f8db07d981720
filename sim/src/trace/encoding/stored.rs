//! Stored values. The fields of a record have numbers, as variants have: each field that the record has is written as
//! its number and its value, in ascending order of the numbers, and a zero ends them. So a field that records get one day
//! changes the digests only of runs whose records have it.

use std::collections::BTreeMap;
use std::sync::Arc;

use dupeproof_core::{Escrow, GlobalUpdates, MetaData, Profile, Record, SessionTag, Stored, Unknown};

use super::json::entries;
use super::{Encode, Encoder, variants};

variants!(Stored {
    1 Record(record),
    2 Other(json),
});

variants!(Escrow {
    1 Trade { partner, gives, bound },
    2 Gift { to, gives, number },
    3 Settled { partner, bound },
});

impl Encoder {
    /// A field that every record has.
    fn field(&mut self, number: u8, value: &(impl Encode + ?Sized)) {
        self.byte(number);
        value.encode(self);
    }

    /// A field that a record has or has not.
    fn optional(&mut self, number: u8, value: Option<&(impl Encode + ?Sized)>) {
        if let Some(value) = value {
            self.field(number, value);
        }
    }

    fn end_of_fields(&mut self) {
        self.byte(0);
    }
}

impl Encode for Record {
    fn encode(&self, to: &mut Encoder) {
        let Record { profile, global_updates, senders, was_overwritten, unknown } = self;
        to.optional(1, profile.as_ref());
        to.field(2, global_updates);
        to.optional(3, non_empty(senders));
        to.optional(4, was_overwritten.as_ref());
        to.optional(5, Some(unknown).filter(|unknown| !unknown.is_empty()));
        to.end_of_fields();
    }
}

impl Encode for Profile {
    fn encode(&self, to: &mut Encoder) {
        let Profile { data, meta, roblox_metadata, user_ids } = self;
        to.field(1, data);
        to.field(2, meta);
        to.field(3, roblox_metadata);
        to.optional(4, non_empty(user_ids));
        to.end_of_fields();
    }
}

impl Encode for MetaData {
    fn encode(&self, to: &mut Encoder) {
        let MetaData {
            profile_create_time,
            session_load_count,
            active_session,
            force_load_session,
            last_update,
            meta_tags,
            lease,
            stolen_lease,
            last_write,
            escrow,
            receipts,
            unknown,
        } = self;
        to.field(1, profile_create_time);
        to.field(2, session_load_count);
        to.optional(3, active_session.as_ref());
        to.optional(4, force_load_session.as_ref());
        to.field(5, last_update);
        to.field(6, meta_tags);
        to.optional(7, lease.as_ref());
        to.optional(8, last_write.as_ref());
        to.optional(9, Some(&**escrow).filter(|escrow| !escrow.is_empty()));
        to.optional(10, non_empty(receipts));
        to.optional(11, Some(unknown).filter(|unknown| !unknown.is_empty()));
        to.optional(12, stolen_lease.as_ref());
        to.end_of_fields();
    }
}

impl Encode for SessionTag {
    fn encode(&self, to: &mut Encoder) {
        let SessionTag { place_id, job_id, guid } = self;
        place_id.encode(to);
        job_id.encode(to);
        guid.encode(to);
    }
}

impl Encode for GlobalUpdates {
    fn encode(&self, to: &mut Encoder) {
        let GlobalUpdates { last_index, entries } = self;
        last_index.encode(to);
        entries.encode(to);
    }
}

impl Encode for Unknown {
    fn encode(&self, to: &mut Encoder) {
        entries(self.iter(), self.len(), to);
    }
}

impl Encode for BTreeMap<Arc<str>, Escrow> {
    fn encode(&self, to: &mut Encoder) {
        to.length(self.len());
        for (id, escrow) in self {
            id.encode(to);
            escrow.encode(to);
        }
    }
}

fn non_empty<T>(list: &[T]) -> Option<&[T]> {
    (!list.is_empty()).then_some(list)
}
