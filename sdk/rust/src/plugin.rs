//! What a plugin tells of itself, and its one symbol.

use crate::{abi, border, Faults, Given, Host, Result, Status};
use std::any::Any;
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_void};

/// One setting of `ABOUT`.
#[derive(Clone, Copy)]
pub struct Setting {
    key: &'static str,
    kind: u32,
    flags: u32,
    fallback: Option<&'static str>,
    min: i64,
    max: i64,
    unit: Option<&'static str>,
    help: &'static str,
}

/// The settings a manifest may give, one by one. `fallback` is written as in a manifest.
pub mod setting {
    use super::Setting;
    pub const fn text(key: &'static str, fallback: Option<&'static str>, help: &'static str) -> Setting {
        Setting { key, kind: 3, flags: 0, fallback, min: 0, max: 0, unit: None, help }
    }
    pub const fn integer(key: &'static str, fallback: &'static str, min: i64, max: i64, help: &'static str) -> Setting {
        Setting { key, kind: 2, flags: 0, fallback: Some(fallback), min, max, unit: None, help }
    }
    pub const fn boolean(key: &'static str, fallback: &'static str, help: &'static str) -> Setting {
        Setting { key, kind: 1, flags: 0, fallback: Some(fallback), min: 0, max: 0, unit: None, help }
    }
}

impl Setting {
    /// "bytes" and "ms" also take "64 KiB" and "30 s".
    pub const fn unit(mut self, unit: &'static str) -> Setting {
        self.unit = Some(unit);
        self
    }
    pub const fn required(mut self) -> Setting {
        self.flags |= 1;
        self
    }
    /// Never printed.
    pub const fn secret(mut self) -> Setting {
        self.flags |= 2;
        self
    }
}

pub struct About {
    pub id: &'static str,
    pub version: &'static str,
    pub licence: &'static str,
    pub summary: &'static str,
    pub settings: &'static [Setting],
}

/// A plugin, whatever it offers. Called from many threads: what it shares and changes has a lock.
pub trait Plugin: Send + Sync + Sized + 'static {
    const ABOUT: About;
    /// What the declared types and bounds cannot say. Looks at the settings and at nothing else.
    fn check(_given: Given, _faults: &mut Faults) {}
    /// Where what can fail is done. Say why in the log.
    fn create(host: Host) -> Result<Self>;
}

/// A plugin that was created, and the tables that were asked of it.
pub struct Instance<P> {
    pub(crate) plugin: P,
    pub(crate) host: Host,
    tables: Vec<(&'static str, Box<dyn Any>)>,
}

/// One of the services that a plugin offers: its id, and how its table is made.
pub struct Service<P> {
    pub id: &'static str,
    pub table: fn(*const Instance<P>) -> Box<dyn Any>,
    pub address: fn(&dyn Any) -> *const c_void,
}

/// Of the pointer that C has. It is there until destroy().
pub(crate) unsafe fn instance<'a, P>(this: *const c_void) -> &'a Instance<P> {
    &*(this as *const Instance<P>)
}

/// Names the plugin of a library, and what it offers: `freshet::plugin!(MyAuth: auth);`
#[macro_export]
macro_rules! plugin {
    ($type:ty: $($service:ident),+) => {
        #[no_mangle]
        pub extern "C" fn freshet_plugin_entry() -> *const $crate::abi::Plugin {
            static DESCRIPTOR: std::sync::Once = std::sync::Once::new();
            static mut MADE: *const $crate::abi::Plugin = std::ptr::null();
            extern "C" fn service(this: *mut std::os::raw::c_void, id: *const std::os::raw::c_char) -> *const std::os::raw::c_void {
                $crate::Instance::<$type>::find(this, id, &[$($crate::$service::service::<$type>()),+])
            }
            DESCRIPTOR.call_once(|| unsafe {
                MADE = $crate::describe::<$type>(&[$($crate::$service::ID),+], service);
            });
            unsafe { MADE }
        }
    };
}

impl<P: Plugin> Instance<P> {
    #[doc(hidden)]
    pub fn find(this: *mut c_void, id: *const c_char, services: &[Service<P>]) -> *const c_void {
        let wanted = unsafe { CStr::from_ptr(id) }.to_bytes();
        // Only the main thread asks, before and after all traffic.
        let own = unsafe { &mut *(this as *mut Instance<P>) };
        for service in services.iter().filter(|service| service.id.as_bytes() == wanted) {
            if !own.tables.iter().any(|(id, _)| *id == service.id) {
                let table = (service.table)(this as *const Instance<P>);
                own.tables.push((service.id, table));
            }
            let (_, table) = own.tables.iter().find(|(id, _)| *id == service.id).unwrap();
            return (service.address)(table.as_ref());
        }
        std::ptr::null()
    }
}

extern "C" fn create<P: Plugin>(host: *const abi::Host, out: *mut *mut c_void) -> i32 {
    let host = Host::of(host);
    border::guard(&host, || {
        let mut faults = Faults::of(std::ptr::null());
        P::check(*host, &mut faults);
        if faults.any() {
            host.error(&faults.said());
            return Err(Status::Malformed);
        }
        let plugin = P::create(host)?;
        let made = Box::new(Instance { plugin, host, tables: Vec::new() });
        unsafe { *out = Box::into_raw(made) as *mut c_void };
        Ok(())
    })
}

extern "C" fn destroy<P: Plugin>(this: *mut c_void) {
    let host = unsafe { instance::<P>(this) }.host;
    border::guard(&host, || {
        drop(unsafe { Box::from_raw(this as *mut Instance<P>) });
        Ok(())
    });
}

extern "C" fn check_settings<P: Plugin>(host: *const abi::Host, out: *const abi::Faults) -> i32 {
    let host = Host::of(host);
    border::guard(&host, || {
        P::check(*host, &mut Faults::of(out));
        Ok(())
    })
}

// What a descriptor points to lives as long as the process.
fn forever(text: &str) -> *const c_char {
    CString::new(text).unwrap_or_default().into_raw()
}
fn list(ids: &[&str]) -> *const *const c_char {
    let mut all: Vec<*const c_char> = ids.iter().map(|id| forever(id)).collect();
    all.push(std::ptr::null());
    Box::leak(all.into_boxed_slice()).as_ptr()
}

/// The descriptor of a plugin; `plugin!` calls it once.
pub fn describe<P: Plugin>(
    offers: &[&str],
    service: extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
) -> *const abi::Plugin {
    let optional = |text: Option<&str>| text.map_or(std::ptr::null(), forever);
    let settings: Vec<abi::Setting> = P::ABOUT
        .settings
        .iter()
        .map(|s| abi::Setting {
            key: forever(s.key),
            kind: s.kind,
            flags: s.flags,
            fallback: optional(s.fallback),
            min: s.min,
            max: s.max,
            choices: std::ptr::null(),
            unit: optional(s.unit),
            help: forever(s.help),
        })
        .collect();
    let settings = Box::leak(settings.into_boxed_slice());
    Box::leak(Box::new(abi::Plugin {
        size: std::mem::size_of::<abi::Plugin>() as u32,
        abi: 0,
        id: forever(P::ABOUT.id),
        version: forever(P::ABOUT.version),
        licence: forever(P::ABOUT.licence),
        summary: forever(P::ABOUT.summary),
        offers: list(offers),
        needs: list(&[]),
        settings: settings.as_ptr(),
        setting_count: settings.len(),
        setting_size: std::mem::size_of::<abi::Setting>() as u32,
        create: create::<P>,
        destroy: destroy::<P>,
        service,
        shared: 0,
        restore: None,
        check_settings: Some(check_settings::<P>),
    }))
}
