/** For tests: a promise that is answered when the test says so. (Promise.withResolvers is not in Node 20.) */
export function later<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: Error) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
