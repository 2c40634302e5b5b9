//! my-auth: a Freshet auth plugin in Rust. People share a secret, and say who they are: a client connects with
//! ?token=<secret>&name=Ann. Another secret lets its bearers look, not edit.

use freshet::auth::{Asked, PERMISSION, READ_ONLY, READ_WRITE, SUBPROTOCOL, USER};
use freshet::{find_bearer, same_secret, setting, About, Auth, Faults, Given, Host, Plugin, Reply, Result, Status};

struct MyAuth {
    host: Host,
    secret: String,
    reader_secret: String,
}

impl Plugin for MyAuth {
    const ABOUT: About = About {
        id: "my-auth",
        version: "0.1.0",
        licence: "MIT",
        summary: "People who share a secret.",
        settings: &[
            setting::text("secret", None, "Who knows it may edit: 16 bytes at least, as in ${MY_SECRET}.")
                .required()
                .secret(),
            setting::text("reader_secret", Some(""), "Who knows this one may look; empty: nobody.").secret(),
        ],
    };

    // What the settings' types cannot say. `freshet check` asks this alone.
    fn check(given: Given, faults: &mut Faults) {
        let (secret, readers) = (given.text("secret"), given.text("reader_secret"));
        if secret.len() < 16 {
            faults.add("secret", "is shorter than 16 bytes");
        }
        if !readers.is_empty() && readers.len() < 16 {
            faults.add("reader_secret", "is shorter than 16 bytes");
        }
        if secret == readers {
            faults.add("reader_secret", "is the other secret");
        }
    }

    fn create(host: Host) -> Result<Self> {
        Ok(MyAuth { host, secret: host.text("secret"), reader_secret: host.text("reader_secret") })
    }
}

impl Auth for MyAuth {
    // Anybody who is not known is told no more than that; the log says why, without the token.
    fn identify(&self, asked: &Asked, out: Reply) -> Result {
        let bearer = find_bearer(asked.token, asked.request).ok_or_else(|| self.refuse("there is no token"))?;
        let writes = same_secret(&bearer.token, &self.secret);
        let reads = !self.reader_secret.is_empty() && same_secret(&bearer.token, &self.reader_secret);
        if !writes && !reads {
            return Err(self.refuse("the token is not ours"));
        }
        let name = asked.request.and_then(|request| request.query("name"));
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            out.text(USER, &format!("{{\"id\":{}}}", json_string(&name)))?;
        }
        out.number(PERMISSION, if writes { READ_WRITE } else { READ_ONLY })?;
        // A browser that offered its token as a subprotocol hangs up unless it is taken.
        bearer.subprotocol.map_or(Ok(()), |offered| out.text(SUBPROTOCOL, offered))
    }
}

impl MyAuth {
    fn refuse(&self, why: &str) -> Status {
        self.host.info(&format!("refused somebody: {why}"));
        Status::Unauthenticated
    }
}

fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
}

freshet::plugin!(MyAuth: auth);

#[cfg(test)]
mod tests {
    use super::*;
    use freshet::testing::{Created, TestRequest};

    const SETTINGS: [(&str, &str); 2] = [("secret", "a-secret-of-people"), ("reader_secret", "a-secret-of-readers")];

    fn who(request: TestRequest) -> String {
        let plugin = Created::new(freshet_plugin_entry(), &SETTINGS).expect("it is created");
        let answer = plugin.identify(&request, "hall");
        match answer.status {
            Ok(()) => format!("{:?} {}", answer.number(PERMISSION), answer.text(USER).unwrap_or_default()),
            Err(status) => format!("{status:?}"),
        }
    }

    #[test]
    fn lets_in_who_knows_the_secret() {
        assert_eq!(who(TestRequest::new("/yjs/hall?token=a-secret-of-people&name=Ann%22")), "Some(1) {\"id\":\"Ann\\\"\"}");
        assert_eq!(who(TestRequest::new("/yjs/hall?token=a-secret-of-readers")), "Some(0) ");
        assert_eq!(who(TestRequest::new("/yjs/hall").header("authorization", "bearer a-secret-of-people")), "Some(1) ");
    }

    #[test]
    fn keeps_others_out() {
        for target in ["/yjs/hall?token=a-secret-of-peoplf", "/yjs/hall?token=", "/yjs/hall"] {
            assert_eq!(who(TestRequest::new(target)), "Unauthenticated", "{target}");
        }
    }

    #[test]
    fn refuses_a_secret_that_is_too_short() {
        let refused = Created::new(freshet_plugin_entry(), &[("secret", "short")]);
        assert_eq!(refused.err(), Some("secret: is shorter than 16 bytes\n".to_string()));
    }
}
