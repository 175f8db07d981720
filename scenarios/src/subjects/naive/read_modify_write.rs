//! What the script does to a record wherever its player is: GetAsync, a change, SetAsync, and no care.

use std::sync::Arc;

use dupeproof_core::{Now, Stored};
use dupeproof_sim::id::{ItemId, MessageId, RequestId};
use dupeproof_sim::{GuestEvent, Key, Output, Request, Response, ServiceError};
use serde_json::Value as Json;

use super::guest::{Call, NaiveGuest, data_of};
use crate::game_record;

/// One of them.
#[derive(Debug)]
pub(super) struct ReadModifyWrite {
    key: Key,
    task: Task,
    /// What is to be written, once it was read.
    write: Option<Arc<Json>>,
    pub(super) call: Call,
}

/// What for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    /// A message goes into the record.
    Send(MessageId),
    /// An item goes into the record: the simple mailbox.
    Give(ItemId),
    /// An admin writes back what was read.
    Rollback,
    /// An admin removes the record.
    Remove,
}

impl ReadModifyWrite {
    fn request(&self) -> Request {
        let key = Arc::clone(&self.key);
        match (&self.write, self.task) {
            (_, Task::Remove) => Request::Remove { key },
            (Some(data), _) => Request::set(key, Stored::Other(Arc::clone(data))),
            (None, _) => Request::get(key),
        }
    }
}

impl Task {
    fn change(self, data: &mut Json) {
        match self {
            Task::Send(message) => game_record::add_message(data, message),
            Task::Give(item) => game_record::add_item(data, item),
            Task::Rollback | Task::Remove => {}
        }
    }

    /// What the game hears of the end.
    fn end(self, done: bool) -> Option<Output> {
        let Task::Send(message) = self else { return None };
        let told = if done { GuestEvent::MessageAccepted { message } } else { GuestEvent::MessageRefused { message } };
        Some(Output::Event(told))
    }
}

impl NaiveGuest {
    pub(super) fn take_on(&mut self, key: Key, task: Task, out: &mut Vec<Output>) {
        let mut read_modify_write = ReadModifyWrite { key, task, write: None, call: Call::new(RequestId(0)) };
        read_modify_write.call = Call::new(self.request(read_modify_write.request(), out));
        self.read_modify_writes.push(read_modify_write);
    }

    /// A chore's request came back.
    pub(super) fn read_modify_write_answered(
        &mut self,
        now: Now,
        place: usize,
        result: Result<Response, ServiceError>,
        out: &mut Vec<Output>,
    ) {
        let read_modify_write = &mut self.read_modify_writes[place];
        match result {
            Ok(Response::Value(reading)) => {
                let mut data = data_of(reading.value());
                read_modify_write.task.change(Arc::make_mut(&mut data));
                read_modify_write.write = Some(data);
                let request = read_modify_write.request();
                self.read_modify_writes[place].call = Call::new(self.request(request, out));
            }
            Ok(_) => out.extend(self.read_modify_writes.remove(place).task.end(true)),
            Err(_) if read_modify_write.call.retry(now) => {}
            Err(_) => out.extend(self.read_modify_writes.remove(place).task.end(false)),
        }
    }

    pub(super) fn retry_read_modify_writes(&mut self, now: Now, out: &mut Vec<Output>) {
        for place in 0..self.read_modify_writes.len() {
            if self.read_modify_writes[place].call.is_due(now) {
                let id = self.request(self.read_modify_writes[place].request(), out);
                self.read_modify_writes[place].call.waits_for(id);
            }
        }
    }
}
