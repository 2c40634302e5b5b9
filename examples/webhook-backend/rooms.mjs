// What this backend knows of rooms, in one SQLite file.
import { rmSync } from 'node:fs'
import sqlite from 'node-sqlite3-wasm'

const keepEventsMs = 7 * 24 * 3600 * 1000 // longer than Freshet sends one again

export class Rooms {
  constructor (file) {
    // A backend that was killed leaves its lock; there is one backend.
    rmSync(`${file}.lock`, { recursive: true, force: true })
    this.db = new sqlite.Database(file)
    this.db.exec(`
      CREATE TABLE IF NOT EXISTS rooms(name TEXT PRIMARY KEY, storage TEXT, saved_at INTEGER) STRICT;
      CREATE TABLE IF NOT EXISTS visits(room TEXT, user TEXT, event TEXT, at INTEGER) STRICT;
      CREATE TABLE IF NOT EXISTS events(id TEXT PRIMARY KEY, at INTEGER) STRICT;`)
  }

  storage (room) { return this.db.get('SELECT storage FROM rooms WHERE name = ?', room)?.storage ?? null }
  visits (room) { return this.db.all('SELECT user, event, at FROM visits WHERE room = ? ORDER BY rowid', room) }

  // One event, whole or not at all. One that came before is done already.
  take ({ id, time, event, room, data }) {
    this.db.exec('BEGIN')
    try {
      if (this.db.run('INSERT OR IGNORE INTO events VALUES (?, ?)', [id, time]).changes > 0) {
        this.apply(event, room, time, data)
      }
      this.db.run('DELETE FROM events WHERE at < ?', time - keepEventsMs)
      this.db.exec('COMMIT')
    } catch (error) {
      this.db.exec('ROLLBACK')
      throw error
    }
  }

  apply (event, room, time, data) {
    if (event === 'storage-updated' || event === 'room-deleted') {
      // Without it Freshet could not read the document: what we have stays.
      if (data.storage === undefined) return
      this.db.run('INSERT OR REPLACE INTO rooms VALUES (?, ?, ?)', [room, data.storage, time])
    } else if (event === 'user-connected' || event === 'user-disconnected') {
      this.db.run('INSERT INTO visits VALUES (?, ?, ?, ?)', [room, data.user?.id ?? null, event, time])
    }
  }

  close () { this.db.close() }
}
