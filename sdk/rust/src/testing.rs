//! What a plugin's own tests need: a host with settings, and a way to call what it offers through its C tables, as a server does.

use crate::{abi, Result, Status};
use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_int, c_void};

/// What a call answered.
pub struct Answer {
    pub status: Result,
    pub items: Vec<(u32, u64, Vec<u8>)>,
}

impl Answer {
    pub fn number(&self, kind: u32) -> Option<u64> {
        self.items.iter().find(|item| item.0 == kind).map(|item| item.1)
    }
    pub fn text(&self, kind: u32) -> Option<String> {
        self.texts(kind).into_iter().next()
    }
    pub fn texts(&self, kind: u32) -> Vec<String> {
        let of_kind = self.items.iter().filter(|item| item.0 == kind);
        of_kind.map(|item| String::from_utf8_lossy(&item.2).into_owned()).collect()
    }
}

/// A request to ask with.
pub struct TestRequest {
    target: String,
    headers: Vec<(String, String)>,
}

impl TestRequest {
    pub fn new(target: &str) -> TestRequest {
        TestRequest { target: target.into(), headers: Vec::new() }
    }
    pub fn header(mut self, name: &str, value: &str) -> TestRequest {
        self.headers.push((name.into(), value.into()));
        self
    }
}

struct World {
    settings: Vec<(String, CString)>,
    faults: RefCell<String>,
    log: RefCell<String>,
    calls: RefCell<Vec<String>>,
    server: *const abi::Server,
}

/// A plugin that was created with the settings that a test gives it; those it leaves out have their defaults. One thread.
pub struct Created {
    about: &'static abi::Plugin,
    this: *mut c_void,
    world: Box<World>,
    // What C has pointers to.
    _host: Box<abi::Host>,
    _server: Box<abi::Server>,
}

unsafe fn world<'a>(ctx: *mut c_void) -> &'a World {
    &*(ctx as *const World)
}
extern "C" fn log(ctx: *mut c_void, _level: c_int, message: abi::Str) {
    *unsafe { world(ctx) }.log.borrow_mut() += &format!("{}\n", unsafe { message.text() });
}
extern "C" fn setting(ctx: *mut c_void, key: *const c_char, out: *mut abi::Value) -> i32 {
    let key = unsafe { CStr::from_ptr(key) }.to_str().unwrap_or("");
    let found = unsafe { world(ctx) }.settings.iter().find(|(name, _)| name == key);
    let text = match found {
        Some((_, text)) => text,
        None => return Status::NotFound as i32,
    };
    let out = unsafe { &mut *out };
    out.text = abi::Bytes::of(text.as_bytes());
    out.number = text.to_str().ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    0
}
extern "C" fn service(ctx: *mut c_void, id: *const c_char) -> *const c_void {
    let id = unsafe { CStr::from_ptr(id) }.to_bytes();
    match id {
        b"freshet.server/0" => unsafe { world(ctx) }.server as *const c_void,
        _ => std::ptr::null(),
    }
}
extern "C" fn metric(_: *mut c_void, _: c_int, _: *const c_char, _: *const c_char) -> *mut c_void {
    std::ptr::null_mut()
}
extern "C" fn metric_change(_: *mut c_void, _: i64) {}
extern "C" fn add_fault(ctx: *mut c_void, key: abi::Str, reason: abi::Str) {
    *unsafe { world(ctx) }.faults.borrow_mut() += &format!("{}: {}\n", unsafe { key.text() }, unsafe { reason.text() });
}
extern "C" fn broadcast(ctx: *mut c_void, room: abi::Str, event: abi::Str, json: abi::Bytes) -> i32 {
    let line = unsafe { format!("{} {} {}", room.text(), event.text(), json.text()) };
    unsafe { world(ctx) }.calls.borrow_mut().push(line);
    0
}
extern "C" fn evict(_: *mut c_void, _: abi::Str, _: u64) -> i32 {
    0
}

struct Collected {
    status: Option<Result>,
    items: Vec<(u32, u64, Vec<u8>)>,
}
extern "C" fn write(ctx: *mut c_void, _: u64, item: *const abi::Item) -> i32 {
    let (all, item) = unsafe { (&mut *(ctx as *mut Collected), &*item) };
    all.items.push((item.kind, item.number, unsafe { item.bytes.get() }.to_vec()));
    0
}
extern "C" fn done(ctx: *mut c_void, _: u64, status: i32) {
    let all = unsafe { &mut *(ctx as *mut Collected) };
    assert!(all.status.is_none(), "answered twice");
    all.status = Some(Status::of(status));
}

impl Created {
    /// Or what it says against its settings, or the log of why it was not created.
    pub fn new(about: *const abi::Plugin, settings: &[(&str, &str)]) -> std::result::Result<Created, String> {
        let about: &'static abi::Plugin = unsafe { &*about };
        let text_of = |text: *const c_char| unsafe { CStr::from_ptr(text) }.to_owned();
        let declared = unsafe { std::slice::from_raw_parts(about.settings, about.setting_count) };
        let mut all: Vec<(String, CString)> =
            settings.iter().map(|(key, value)| (key.to_string(), CString::new(*value).unwrap())).collect();
        for declared in declared.iter().filter(|declared| !declared.fallback.is_null()) {
            all.push((text_of(declared.key).into_string().unwrap(), text_of(declared.fallback)));
        }
        let mut world = Box::new(World {
            settings: all,
            faults: RefCell::new(String::new()),
            log: RefCell::new(String::new()),
            calls: RefCell::new(Vec::new()),
            server: std::ptr::null(),
        });
        let ctx = &*world as *const World as *mut c_void;
        let server = Box::new(abi::Server { size: std::mem::size_of::<abi::Server>() as u32, ctx, broadcast, evict });
        world.server = &*server;
        let host = Box::new(abi::Host {
            size: std::mem::size_of::<abi::Host>() as u32,
            abi: 0,
            ctx,
            log,
            setting,
            service,
            metric,
            metric_add: metric_change,
            metric_set: metric_change,
        });
        if let Some(check) = about.check_settings {
            let faults = abi::Faults { size: std::mem::size_of::<abi::Faults>() as u32, ctx, add: add_fault };
            check(&*host, &faults);
        }
        if !world.faults.borrow().is_empty() {
            return Err(world.faults.take());
        }
        let mut this = std::ptr::null_mut();
        if (about.create)(&*host, &mut this) != 0 {
            return Err(world.log.take());
        }
        Ok(Created { about, this, world, _host: host, _server: server })
    }

    pub fn log(&self) -> String {
        self.world.log.borrow().clone()
    }
    /// What was said to rooms since the last of these: "ROOM EVENT JSON".
    pub fn take_broadcasts(&self) -> Vec<String> {
        self.world.calls.take()
    }

    /// The table of a service that it offers.
    pub fn table<T>(&self, id: &str) -> &T {
        let id = CString::new(id).unwrap();
        let table = (self.about.service)(self.this, id.as_ptr()) as *const T;
        assert!(!table.is_null(), "it does not offer {id:?}");
        unsafe { &*table }
    }
    /// Makes a slow call, and waits for its answer.
    pub fn ask(&self, call: impl FnOnce(abi::Reply)) -> Answer {
        let mut all = Collected { status: None, items: Vec::new() };
        let ctx = &mut all as *mut Collected as *mut c_void;
        let replies = abi::Replies { size: std::mem::size_of::<abi::Replies>() as u32, ctx, write, done };
        call(abi::Reply { to: &replies, token: 1 });
        Answer { status: all.status.expect("it was answered"), items: all.items }
    }

    pub fn identify(&self, request: &TestRequest, room: &str) -> Answer {
        let bytes = |text: &str| abi::Bytes::of(text.as_bytes());
        let headers: Vec<abi::Header> =
            request.headers.iter().map(|(name, value)| abi::Header { name: bytes(name), value: bytes(value) }).collect();
        let c = abi::Request {
            size: std::mem::size_of::<abi::Request>() as u32,
            role: 0,
            upgrade: 1,
            movable: 1,
            method: bytes("GET"),
            target: bytes(&request.target),
            peer: bytes("192.0.2.1"),
            headers: headers.as_ptr(),
            header_count: headers.len(),
            body: abi::Bytes::none(),
        };
        let asked = abi::AuthRequest {
            size: std::mem::size_of::<abi::AuthRequest>() as u32,
            token: abi::Bytes::none(),
            request: &c,
            room: bytes(room),
            unix_ms: 1_700_000_000_000,
        };
        let auth = self.table::<abi::Auth>(crate::auth::ID);
        self.ask(|reply| (auth.identify)(auth.this, &asked, reply))
    }

    pub fn call(&self, procedure: &str, room: &str, user: &str, input: &str) -> Answer {
        let bytes = |text: &str| abi::Bytes::of(text.as_bytes());
        let called = abi::Call {
            size: std::mem::size_of::<abi::Call>() as u32,
            procedure: bytes(procedure),
            room: bytes(room),
            session: 1,
            user: if user.is_empty() { abi::Bytes::none() } else { bytes(user) },
            unix_ms: 1_700_000_000_000,
            input: bytes(input),
            sessions: abi::Bytes::none(),
            state: abi::Bytes::none(),
            ctx: std::ptr::null_mut(),
            json: None,
        };
        let app = self.table::<abi::App>(crate::app::ID);
        self.ask(|reply| (app.call)(app.this, &called, reply))
    }
    pub fn notice(&self, kind: u32, room: &str, user: &str) -> Answer {
        let bytes = |text: &str| abi::Bytes::of(text.as_bytes());
        let notice = abi::Notice {
            size: std::mem::size_of::<abi::Notice>() as u32,
            kind,
            room: bytes(room),
            unix_ms: 1_700_000_000_000,
            session: 1,
            user: if user.is_empty() { abi::Bytes::none() } else { bytes(user) },
            state: abi::Bytes::none(),
            message: 0,
            name: abi::Bytes::none(),
            data: abi::Bytes::none(),
        };
        let app = self.table::<abi::App>(crate::app::ID);
        self.ask(|reply| (app.notice)(app.this, &notice, reply))
    }
}

impl Drop for Created {
    fn drop(&mut self) {
        (self.about.destroy)(self.this);
    }
}
