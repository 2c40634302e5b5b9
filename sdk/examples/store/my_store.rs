//! my-store: a Freshet store in Rust that keeps rooms in memory. What each function promises is said in `freshet/abi/store.h`.

use freshet::store::*;
use freshet::{setting, About, Host, Plugin, Reply, Result, Status};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

struct Row {
    update: Vec<u8>,
    author: Vec<u8>, // empty: nobody's that is known
    first_unix_ms: u64,
    last_unix_ms: u64,
}

#[derive(Default)]
struct Room {
    epoch: Epoch,
    snapshot_seq: u64, // the snapshot, if there is one, has all updates through this one
    snapshot: Option<Vec<u8>>,
    log: Vec<Row>, // the updates after it, without gaps
}

impl Room {
    fn last_seq(&self) -> u64 {
        self.snapshot_seq + self.log.len() as u64
    }
    fn snapshot_bytes(&self) -> u64 {
        self.snapshot.as_ref().map_or(0, |bytes| bytes.len() as u64)
    }
    fn log_bytes(&self) -> u64 {
        self.log.iter().map(|row| row.update.len() as u64).sum()
    }
}

#[derive(Default)]
struct Kept {
    rooms: BTreeMap<Vec<u8>, Room>,
    // Of each writer the number of its last batch, and where its entries went; sequence 0: it was to be the first, and was not.
    answered: BTreeMap<Writer, (u64, Vec<(Epoch, u64)>)>,
}

struct MyStore {
    max_rooms: usize,
    kept: Mutex<Kept>, // one call at a time: nobody ever waits for it
}

impl Plugin for MyStore {
    const ABOUT: About = About {
        id: "my-store",
        version: "0.1.0",
        licence: "MIT",
        summary: "Keeps rooms in memory.",
        settings: &[setting::integer("max_rooms", "10000", 1, 1_000_000, "Rooms kept; the next one is refused.")],
    };

    fn create(host: Host) -> Result<Self> {
        Ok(MyStore { max_rooms: host.number("max_rooms") as usize, kept: Mutex::default() })
    }
}

impl MyStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    // Writes the names of the rooms that stand against it.
    fn may_append(&self, rooms: &BTreeMap<Vec<u8>, Room>, batch: &Batch, out: &Reply) -> Result {
        let mut made: BTreeMap<&[u8], Epoch> = BTreeMap::new();
        let mut conflicts: BTreeSet<&[u8]> = BTreeSet::new();
        for entry in &batch.entries {
            let may_make = entry.flags & APPEND_NEW != 0;
            let room = rooms.get(entry.room);
            if room.is_none() && may_make {
                made.entry(entry.room).or_insert(entry.epoch);
            }
            let fits = match room {
                Some(room) => may_make || room.epoch == entry.epoch,
                None => made.get(entry.room) == Some(&entry.epoch),
            };
            if !fits {
                conflicts.insert(entry.room);
            }
        }
        conflicts.iter().try_for_each(|name| out.bytes(ROOM, name))?;
        if !conflicts.is_empty() {
            return Err(Status::Conflict);
        }
        if rooms.len() + made.len() > self.max_rooms {
            return Err(Status::Limit);
        }
        Ok(())
    }
}

fn add(rooms: &mut BTreeMap<Vec<u8>, Room>, entry: &Append) -> (Epoch, u64) {
    let is_new = !rooms.contains_key(entry.room);
    let room = rooms.entry(entry.room.into()).or_default();
    if is_new {
        room.epoch = entry.epoch;
    } else if entry.flags & APPEND_FIRST != 0 {
        return (room.epoch, 0);
    }
    room.log.push(Row {
        update: entry.update.into(),
        author: entry.author.into(),
        first_unix_ms: entry.first_unix_ms,
        last_unix_ms: entry.last_unix_ms,
    });
    (room.epoch, room.last_seq())
}

impl Store for MyStore {
    fn load(&self, name: &[u8], out: Reply) -> Result {
        let kept = self.kept();
        let room = kept.rooms.get(name).ok_or(Status::NotFound)?;
        out.bytes(EPOCH, &room.epoch.bytes)?;
        if let Some(snapshot) = &room.snapshot {
            out.write(SNAPSHOT, room.snapshot_seq, snapshot)?;
        }
        for (seq, row) in (room.snapshot_seq + 1..).zip(&room.log) {
            out.write(UPDATE, seq, &row.update)?;
            if !row.author.is_empty() {
                out.bytes(AUTHOR, &row.author)?;
            }
            out.number(FIRST_TIME, row.first_unix_ms)?;
            out.number(LAST_TIME, row.last_unix_ms)?;
        }
        Ok(())
    }

    // All of the batch or nothing: look first, then change. A batch that comes again is answered as it was.
    fn append(&self, batch: &Batch, out: Reply) -> Result {
        let mut kept = self.kept();
        let kept = &mut *kept;
        let last = kept.answered.entry(batch.writer).or_default();
        if last.0 != batch.number {
            self.may_append(&kept.rooms, batch, &out)?;
            *last = (batch.number, batch.entries.iter().map(|entry| add(&mut kept.rooms, entry)).collect());
        }
        for (entry, (epoch, seq)) in batch.entries.iter().zip(&last.1) {
            if *seq == 0 || *epoch != entry.epoch {
                out.bytes(EPOCH, &epoch.bytes)?;
            }
            out.number(SEQ, *seq)?;
        }
        Ok(())
    }

    fn replace(&self, name: &[u8], epoch: Epoch, through_seq: u64, snapshot: &[u8]) -> Result {
        let mut kept = self.kept();
        let room = kept.rooms.get_mut(name).filter(|room| room.epoch == epoch).ok_or(Status::Conflict)?;
        if through_seq < room.snapshot_seq || through_seq > room.last_seq() {
            return Err(Status::Conflict);
        }
        room.log.drain(..(through_seq - room.snapshot_seq) as usize);
        room.snapshot_seq = through_seq;
        room.snapshot = Some(snapshot.into());
        Ok(())
    }

    fn put(&self, name: &[u8], epoch: Epoch, snapshot: &[u8]) -> Result {
        let mut kept = self.kept();
        if !kept.rooms.contains_key(name) && kept.rooms.len() >= self.max_rooms {
            return Err(Status::Limit);
        }
        kept.rooms.insert(name.into(), Room { epoch, snapshot: Some(snapshot.into()), ..Room::default() });
        Ok(())
    }

    fn erase(&self, name: &[u8]) -> Result {
        self.kept().rooms.remove(name).map(|_| ()).ok_or(Status::NotFound)
    }

    fn list(&self, after: &[u8], limit: u32, out: Reply) -> Result {
        let kept = self.kept();
        let behind = kept.rooms.iter().filter(|(name, _)| name.as_slice() > after);
        behind.take(limit as usize).try_for_each(|(name, room)| {
            out.write(ROOM, room.snapshot_bytes() + room.log_bytes(), name)
        })
    }

    fn info(&self, name: &[u8], out: Reply) -> Result {
        let kept = self.kept();
        let room = kept.rooms.get(name).ok_or(Status::NotFound)?;
        out.bytes(EPOCH, &room.epoch.bytes)?;
        out.number(LAST_SEQ, room.last_seq())?;
        out.number(SNAPSHOT, room.snapshot_bytes())?;
        out.number(LOG_COUNT, room.log.len() as u64)?;
        out.number(LOG_BYTES, room.log_bytes())
    }
}

freshet::plugin!(MyStore: store);

#[cfg(test)]
mod tests {
    use super::*;
    use freshet::abi;
    use freshet::testing::{Answer, Created};

    fn load(store: &Created, room: &str) -> Answer {
        let table = store.table::<abi::Store>(freshet::store::ID);
        store.ask(|reply| (table.load)(table.this, abi::Bytes::of(room.as_bytes()), reply))
    }

    fn append(store: &Created, number: u64, room: &str, epoch: u8, flags: u32) -> Answer {
        let table = store.table::<abi::Store>(freshet::store::ID);
        let entry = abi::Append {
            room: abi::Bytes::of(room.as_bytes()),
            epoch: Epoch { bytes: [epoch; 16] },
            flags,
            update: abi::Bytes::of(b"update"),
            author: abi::Bytes::none(),
            first_unix_ms: 1,
            last_unix_ms: 2,
            first_number: number,
            last_number: number,
        };
        let writer = Writer { run: [7; 16], shard: 0 };
        let batch = abi::Batch { size: std::mem::size_of::<abi::Batch>() as u32, writer, number, entries: &entry, count: 1 };
        store.ask(|reply| (table.append)(table.this, &batch, reply))
    }

    #[test]
    fn has_what_was_appended_once() {
        let store = Created::new(freshet_plugin_entry(), &[]).expect("it is created");
        assert_eq!(load(&store, "a").status, Err(Status::NotFound));
        assert_eq!(append(&store, 1, "a", 1, APPEND_NEW).number(SEQ), Some(1));
        assert_eq!(append(&store, 1, "a", 1, APPEND_NEW).number(SEQ), Some(1), "it came again");
        assert_eq!(append(&store, 2, "a", 1, 0).number(SEQ), Some(2));
        assert_eq!(load(&store, "a").texts(UPDATE), ["update", "update"]);
    }

    #[test]
    fn refuses_another_history_and_too_many_rooms() {
        let store = Created::new(freshet_plugin_entry(), &[("max_rooms", "1")]).expect("it is created");
        assert_eq!(append(&store, 1, "a", 1, APPEND_NEW).status, Ok(()));
        let other = append(&store, 2, "a", 2, 0);
        assert_eq!((other.status, other.text(ROOM)), (Err(Status::Conflict), Some("a".into())));
        assert_eq!(append(&store, 3, "b", 1, APPEND_NEW).status, Err(Status::Limit));
    }
}
