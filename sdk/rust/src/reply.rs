//! How what is answered goes back: it is copied.

use crate::{abi, Result, Status};

/// The items of a slow answer; what each kind means is said at the function. The wrapper says done.
pub struct Reply {
    c: abi::Reply,
}

impl Reply {
    pub(crate) fn of(c: abi::Reply) -> Reply {
        Reply { c }
    }
    pub fn write(&self, kind: u32, number: u64, bytes: &[u8]) -> Result {
        let item = abi::Item { kind, number, bytes: abi::Bytes::of(bytes) };
        let to = unsafe { &*self.c.to };
        Status::of((to.write)(to.ctx, self.c.token, &item))
    }
    pub fn bytes(&self, kind: u32, bytes: &[u8]) -> Result {
        self.write(kind, 0, bytes)
    }
    pub fn text(&self, kind: u32, text: &str) -> Result {
        self.write(kind, 0, text.as_bytes())
    }
    pub fn number(&self, kind: u32, number: u64) -> Result {
        self.write(kind, number, &[])
    }
}

/// Where a quick call puts its items.
pub struct Sink {
    c: *const abi::Sink,
}

impl Sink {
    pub(crate) fn of(c: *const abi::Sink) -> Sink {
        Sink { c }
    }
    pub fn write(&self, item: &[u8]) -> Result {
        let c = unsafe { &*self.c };
        Status::of((c.write)(c.ctx, abi::Bytes::of(item)))
    }
}
