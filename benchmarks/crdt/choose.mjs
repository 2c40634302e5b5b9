// What the words after `./dev bench crdt` choose: engines by name, families by theirs, and the shapes
// whose name has a part that is the word, or begins with it. A name begins with its family.
const parts = name => name.split(' ')
const begins = (part, word) => part.startsWith(`${word}.`) || part.startsWith(`${word}-`)
const means = word => name => parts(name).some(part => part === word || begins(part, word))

export const choose = (words, engines, names) => {
  const some = words.filter(word => engines.includes(word))
  const others = words.filter(word => !engines.includes(word))
  const all = new Set(names.map(name => parts(name)[0]))
  const families = others.filter(word => all.has(word))
  const shapes = others.filter(word => !all.has(word))
  for (const word of shapes) {
    if (names.some(means(word))) continue
    throw new Error(`"${word}" is no engine and no shape. Engines: ${engines.join(', ')}. Shapes: ${[...new Set(names.flatMap(parts))].join(', ')}.`)
  }
  return {
    engines: some.length === 0 ? engines : engines.filter(engine => engine === 'freshet' || some.includes(engine)),
    wanted: name => (families.length === 0 || families.includes(parts(name)[0])) && (shapes.length === 0 || shapes.some(word => means(word)(name)))
  }
}
