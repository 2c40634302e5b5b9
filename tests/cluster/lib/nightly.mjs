// Whether there is time: `./dev nightly` says so.
export const nightly = process.env.FRESHET_NIGHTLY === '1'
export const atNight = (others = { skip: false }) => others.skip || nightly ? others : { skip: 'for ./dev nightly' }
