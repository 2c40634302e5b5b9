// Figures go into a page between two marks; what stands around them is written by hand.
export const placed = (page, figures, name = 'figures') => {
  const begin = `<!-- ${name} -->\n`
  const [from, to] = [page.indexOf(begin), page.indexOf(`<!-- end of ${name} -->`)]
  if (from < 0 || to < from) throw new Error(`the page lacks the marks ${begin.trim()} and <!-- end of ${name} -->`)
  return page.slice(0, from) + begin + figures + page.slice(to)
}
