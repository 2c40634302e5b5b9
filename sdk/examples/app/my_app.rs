//! my-app: a Freshet app in Rust: a chat in every room. A client calls "say", everybody there hears "said"; who calls "recall"
//! hears the last of it again. People are greeted by name when they come.

use freshet::app::{Call, Events, Notice, Wants, ROOM_DELETED, USER_CONNECTED};
use freshet::{setting, About, App, Host, Plugin, Result, Server, Status};
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

struct MyApp {
    server: Server,
    kept: usize,
    said: Mutex<HashMap<String, VecDeque<String>>>, // of rooms in memory
}

impl Plugin for MyApp {
    const ABOUT: About = About {
        id: "my-app",
        version: "0.1.0",
        licence: "MIT",
        summary: "A chat in every room.",
        settings: &[setting::integer("kept", "50", 0, 1000, "Messages that a room has for those who come later.")],
    };

    fn create(host: Host) -> Result<Self> {
        let Some(server) = host.server() else {
            host.error("this host offers no freshet.server/0");
            return Err(Status::Unsupported);
        };
        Ok(MyApp { server, kept: host.number("kept") as usize, said: Mutex::default() })
    }
}

impl App for MyApp {
    fn wants(&self) -> Wants {
        Wants { notices: 1 << USER_CONNECTED | 1 << ROOM_DELETED, ..Wants::default() }
    }

    fn notice(&self, notice: &Notice) -> Result {
        if notice.kind == ROOM_DELETED {
            self.said.lock().unwrap().remove(notice.room);
        } else if let Some(user) = notice.user {
            self.server.broadcast(notice.room, "came", user)?;
        }
        Ok(())
    }

    // What a client sends is checked against the schema before call() sees it.
    fn procedures(&self) -> Vec<String> {
        let text = r#"{"type":"object","required":["text"],"additionalProperties":false,
            "properties":{"text":{"type":"string","minLength":1,"maxLength":1000}}}"#;
        vec![
            format!(r#"{{"name":"say","input":{text},"outputs":{{"said":{{"type":"object"}}}}}}"#),
            r#"{"name":"recall","outputs":{"recalled":{"type":"array"}}}"#.into(),
        ]
    }

    fn call(&self, call: &Call, events: &Events) -> Result {
        let mut rooms = self.said.lock().unwrap();
        let said = rooms.entry(call.room.into()).or_default();
        match call.procedure {
            "say" => {
                // The input is an object with a text, as its schema has it, and so is what it becomes.
                let (object, _) = call.input.rsplit_once('}').ok_or(Status::Malformed)?;
                let message = format!("{object},\"by\":{}}}", call.user.unwrap_or("null"));
                events.broadcast("said", &message)?;
                said.push_back(message);
                if said.len() > self.kept {
                    said.pop_front();
                }
                Ok(())
            }
            "recall" => {
                let list: Vec<&str> = said.iter().map(String::as_str).collect();
                events.answer("recalled", &format!("[{}]", list.join(",")))
            }
            _ => Err(Status::NotFound),
        }
    }
}

freshet::plugin!(MyApp: app);

#[cfg(test)]
mod tests {
    use super::*;
    use freshet::app::{BROADCAST, SELF};
    use freshet::testing::Created;

    #[test]
    fn tells_everybody_what_somebody_says_and_recalls_the_last_of_it() {
        let app = Created::new(freshet_plugin_entry(), &[("kept", "2")]).expect("it is created");
        let said = app.call("say", "hall", r#"{"id":"ann"}"#, r#"{"text":"1"}"#);
        assert_eq!(said.texts(BROADCAST), [r#"{"text":"1","by":{"id":"ann"}}"#]);
        for text in [r#"{"text":"2"}"#, r#"{"text":"3"}"#] {
            assert_eq!(app.call("say", "hall", "", text).status, Ok(()));
        }
        let recalled = app.call("recall", "hall", "", "{}");
        assert_eq!(recalled.texts(SELF), [r#"[{"text":"2","by":null},{"text":"3","by":null}]"#]);
        assert_eq!(app.call("sing", "hall", "", "{}").status, Err(Status::NotFound));
    }

    #[test]
    fn greets_who_comes_under_a_name() {
        let app = Created::new(freshet_plugin_entry(), &[]).expect("it is created");
        assert_eq!(app.notice(USER_CONNECTED, "hall", r#"{"id":"bob"}"#).status, Ok(()));
        assert_eq!(app.notice(USER_CONNECTED, "hall", "").status, Ok(()));
        assert_eq!(app.take_broadcasts(), [r#"hall came {"id":"bob"}"#]);
    }
}
