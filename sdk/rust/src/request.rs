//! What a request says.

use crate::abi;

/// Borrows what it answers from the request.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    c: &'a abi::Request,
}

impl<'a> Request<'a> {
    pub(crate) fn of(c: &'a abi::Request) -> Request<'a> {
        Request { c }
    }
    pub fn peer(&self) -> &'a str {
        unsafe { self.c.peer.text() }
    }
    /// The first of this name, whatever its case, without the white space around it.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let headers = match self.c.header_count {
            0 => &[],
            count => unsafe { std::slice::from_raw_parts(self.c.headers, count) },
        };
        let found = headers.iter().find(|h| unsafe { h.name.text() }.eq_ignore_ascii_case(name));
        found.map(|header| unsafe { header.value.text() }.trim())
    }
    /// The first value of this name in the query, decoded; none if it is not there, or is no text.
    pub fn query(&self, name: &str) -> Option<String> {
        let target = unsafe { self.c.target.text() };
        let target = target.split('#').next()?;
        let (_, query) = target.split_once('?')?;
        query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then(|| percent_decode(value))
        })?
    }
    /// Of `Authorization: Bearer <token>`.
    pub fn bearer(&self) -> Option<&'a str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

/// "%20" to " "; none if what comes of it is no text.
pub fn percent_decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = code.filter(|two| two.bytes().all(|c| c.is_ascii_hexdigit()));
        match (bytes[at], escaped.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

/// What says who somebody is, and the subprotocol that carried it, if one did.
pub struct Bearer<'a> {
    pub token: String,
    pub subprotocol: Option<&'a str>,
}

/// In this order: what the protocol read, a subprotocol "freshet.token.<token>", `Authorization: Bearer`, `?token=`.
pub fn find_bearer<'a>(in_band: Option<&str>, request: Option<Request<'a>>) -> Option<Bearer<'a>> {
    if let Some(token) = in_band {
        return Some(Bearer { token: token.into(), subprotocol: None });
    }
    let request = request?;
    let offered = request.header("sec-websocket-protocol").unwrap_or("").split(',').map(str::trim);
    for subprotocol in offered {
        if let Some(token) = subprotocol.strip_prefix("freshet.token.") {
            return Some(Bearer { token: token.into(), subprotocol: Some(subprotocol) });
        }
    }
    let token = request.bearer().map(String::from).or_else(|| request.query("token"))?;
    Some(Bearer { token, subprotocol: None })
}

/// Takes the same time wherever two of one length differ.
pub fn same_secret(a: &str, b: &str) -> bool {
    let difference = a.bytes().zip(b.bytes()).fold(0, |all, (x, y)| std::hint::black_box(all | (x ^ y)));
    a.len() == b.len() && difference == 0
}
