// Figures go into a page between two marks; what stands around them is written by hand.
const between = (page, name) => {
  const begin = `<!-- ${name} -->\n`
  const [from, to] = [page.indexOf(begin), page.indexOf(`<!-- end of ${name} -->`)]
  if (from < 0 || to < from) throw new Error(`the page lacks the marks ${begin.trim()} and <!-- end of ${name} -->`)
  return [from + begin.length, to]
}

export const placed = (page, figures, name = 'figures') => {
  const [from, to] = between(page, name)
  return page.slice(0, from) + figures + page.slice(to)
}

// What stands there.
export const standing = (page, name = 'figures') => page.slice(...between(page, name))
