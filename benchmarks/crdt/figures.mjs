// What is made of the numbers of a run. Less is better in each of them.
export const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]
