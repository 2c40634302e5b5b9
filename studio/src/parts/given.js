// What a message says, where it may say nothing: null stands for what the server does not know, in a list too.
export const listOf = value => Array.isArray(value) ? value.filter(each => each !== null) : []
