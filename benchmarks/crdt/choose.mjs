// What the words after `./dev bench crdt` choose: engines by name, and the shapes whose name has a
// part that is the word, or begins with it.
const parts = name => name.split(' ')
const begins = (part, word) => part.startsWith(`${word}.`) || part.startsWith(`${word}-`)
const means = word => name => parts(name).some(part => part === word || begins(part, word))

export const choose = (words, engines, names) => {
  const some = words.filter(word => engines.includes(word))
  const shapes = words.filter(word => !engines.includes(word))
  for (const word of shapes) {
    if (names.some(means(word))) continue
    throw new Error(`"${word}" is no engine and no shape. Engines: ${engines.join(', ')}. Shapes: ${[...new Set(names.flatMap(parts))].join(', ')}.`)
  }
  return {
    engines: some.length === 0 ? engines : engines.filter(engine => engine === 'freshet' || some.includes(engine)),
    wanted: name => shapes.length === 0 || shapes.some(word => means(word)(name))
  }
}
