/** A binary heap: the least item first, by `before`. */
export function createHeap<T>(before: (a: T, b: T) => boolean) {
  const items: T[] = []

  function swap(i: number, j: number): void {
    const held = items[i] as T
    items[i] = items[j] as T
    items[j] = held
  }

  return {
    get size(): number {
      return items.length
    },
    peek: (): T | undefined => items[0],
    push(item: T): void {
      items.push(item)
      for (let i = items.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1
        if (!before(items[i] as T, items[parent] as T)) break
        swap(i, parent)
        i = parent
      }
    },
    pop(): T | undefined {
      const top = items[0]
      const last = items.pop()
      if (top === undefined || last === undefined || items.length === 0) return top
      items[0] = last
      for (let i = 0; ; ) {
        let least = i
        for (const child of [2 * i + 1, 2 * i + 2]) {
          if (child < items.length && before(items[child] as T, items[least] as T)) least = child
        }
        if (least === i) return top
        swap(i, least)
        i = least
      }
    },
  }
}

export type Heap<T> = ReturnType<typeof createHeap<T>>
