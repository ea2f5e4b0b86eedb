/** The state of a game as a kernel sends it, with some fields changed. */
export function gameOf(changes: Record<string, unknown> = {}) {
  return {
    pack: 'digits',
    title: 'Digits',
    team: 'red',
    practice: false,
    budget: 100,
    balance: 70,
    owned: [
      { slug: 'flip-trick', name: 'Flip trick', count: 1, used: false },
      { slug: 'turbo', name: 'Turbo', count: 2, used: true }
    ],
    under_way: [underWayOf()],
    runs: [
      {
        run: 1,
        label: 'model',
        epochs: 3,
        val_acc: 0.913,
        ranked: true,
        ended: 'epochs',
        drawable: true,
        curve: [
          [1, 0.5],
          [3, 0.913]
        ]
      },
      {
        run: 2,
        label: 'net',
        epochs: 1,
        val_acc: null,
        ranked: false,
        ended: 'user',
        drawable: false,
        curve: []
      }
    ],
    run_count: 2,
    verdict: {
      summary: 'may be ranked',
      lines: [{ kind: 'fine', text: 'flip-trick: it flips' }]
    },
    ...changes
  };
}

/** A run under way as a kernel sends it, with some fields changed. */
export function underWayOf(changes: Record<string, unknown> = {}) {
  return {
    run: 3,
    label: 'run 3: model',
    epoch: 2,
    epochs: 10,
    fraction: 0.15,
    paused: false,
    stopping: false,
    finished: false,
    ended: '',
    note: '',
    lost_rank: '',
    unused: [],
    validated: true,
    edits: 0,
    curve: [[1, 0.25]],
    ...changes
  };
}

/** The numbers of run 3 as a kernel sends them, with some fields changed. */
export function numbersOf(changes: Record<string, unknown> = {}) {
  return {
    curves: {
      train_loss: [
        [1, 2],
        [2, 1]
      ],
      val_loss: [
        [1, 2.5],
        [2, 1.5]
      ],
      train_acc: [
        [1, 0.3],
        [2, 0.6]
      ],
      val_acc: [
        [1, 0.25],
        [2, 0.5]
      ],
      lr: [
        [1, 0.1],
        [2, 0.01]
      ]
    },
    edits: [[1.5, 'lr 0.1 → 0.01']],
    ...changes
  };
}
