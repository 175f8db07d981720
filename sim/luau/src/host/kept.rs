//! What the host keeps for a server's scripts: it counts as their memory, and costs them an error before it costs the host.

use std::collections::BTreeMap;

use dupeproof_sim::id::RequestId;

/// The error of a script for whom too much would have to be kept, as for too much memory of its own.
pub(super) const NOT_ENOUGH: &str = "not enough memory";

/// What JSON that is decoded may take, in bytes.
pub(super) const JSON_MAX: usize = 96 << 20;

/// Requests with less are not counted one by one: queues hold few of them.
const SMALL: usize = 1_024;

/// Bytes that are on their way to the services.
pub(super) struct Kept {
    most: usize,
    under_way: BTreeMap<RequestId, usize>,
    /// The sum of those.
    bytes: usize,
    /// Everything that was ever sent: stores keep all versions of a value, and the trace what was asked.
    sent: usize,
}

impl Kept {
    /// For a server whose scripts may use so many bytes.
    pub(super) fn new(most: usize) -> Kept {
        Kept { most, under_way: BTreeMap::new(), bytes: 0, sent: 0 }
    }

    /// A request with arguments of so many bytes is sent.
    ///
    /// # Errors
    /// It cannot be: too much would be kept.
    pub(super) fn sent(&mut self, id: RequestId, bytes: usize) -> Result<(), String> {
        if self.bytes + bytes > self.most || self.sent + bytes > 2 * self.most {
            return Err(NOT_ENOUGH.to_owned());
        }
        self.sent += bytes;
        if bytes >= SMALL {
            self.bytes += bytes;
            self.under_way.insert(id, bytes);
        }
        Ok(())
    }

    /// It is answered.
    pub(super) fn answered(&mut self, id: RequestId) {
        self.bytes -= self.under_way.remove(&id).unwrap_or(0);
    }
}

/// About what decoding a JSON text takes, in bytes.
pub(crate) fn room_of_json(text: &str) -> usize {
    const OBJECT: usize = 640;
    const VALUE: usize = 64;
    let signs = text.bytes().map(|sign| match sign {
        b'{' => OBJECT,
        b'[' | b',' => VALUE,
        _ => 1,
    });
    signs.sum()
}
