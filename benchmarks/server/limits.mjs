// Which of Freshet's limits a scenario is over, and what they are lifted to: the one place for it.
// What stands here and what the server does not know yet, or any more, is left out.
const MB = 2 ** 20

// Of the generator's options: what comes in a second from one connection and into one room, how many
// join a room, how long the document is.
const needs = options => {
  const edits = options['writers'] > 0 ? options['edits-per-second'] : 0
  const states = options['presence-writers'] > 0 ? options['presence-per-second'] : 0
  const all = (options.writers ?? 0) * edits + (options['presence-writers'] ?? 0) * states
  const document = options['document-bytes'] ?? 0
  return { connection: edits + states, room: all, server: options.rooms * all, joins: options.clients, everybody: options.rooms * options.clients, document }
}

// section, key, default, what is needed of it. Joins come within a second and count on average over
// ten. Without auth all are one user, if they are any.
const LIMITS = [
  ['limits', 'messages_per_second', 2000, ({ connection }) => connection],
  ['limits', 'user_messages_per_second', 10_000, ({ server }) => server],
  ['limits', 'room_messages_per_second', 100_000, ({ room }) => room],
  ['limits', 'user_joins_per_second', 200, ({ everybody }) => everybody / 10],
  ['limits', 'room_joins_per_second', 500, ({ joins }) => joins / 10],
  ['limits', 'update_bytes', 24 * MB, ({ document }) => document],
  ['platform-ws', 'message_bytes', 16 * MB, ({ document }) => document]
]

// Half as much again as is needed, of what is not well below its default.
export const lifted = (options, known = () => true) => LIMITS.flatMap(([section, key, value, of]) => {
  const needed = of(needs(options))
  return needed > 0.8 * value && known(section, key) ? [{ section, key, value: Math.ceil(1.5 * needed) }] : []
})

const shown = ({ key, value }) => `${key} = ${key.endsWith('_bytes') ? `${Math.round(value / MB)} MiB` : value.toLocaleString('en')}`
// As the table says it.
export const told = lifts => lifts.map(shown).join(', ')
