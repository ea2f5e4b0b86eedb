/** Checks the fields of messages from a kernel one by one. Independent of JupyterLab. */

/** Pairs of epoch (from 1) and value, in the order of the epochs. */
export type Curve = readonly (readonly [number, number])[];

/** Most entries of a list, points of a curve and characters of a text. */
const MAX = { entries: 64, points: 40, text: 200 };

/**
 * Reads the fields of an object from a kernel; each method checks the type and the limits of one
 * field and throws an error that names it.
 */
export class FieldReader {
  /**
   * @param data - Anything; an error is thrown unless it is an object.
   * @param path - Its name in error messages.
   */
  constructor(data: unknown, path: string) {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw new Error(`${path} is not an object`);
    }
    this._fields = data as Record<string, unknown>;
    this._path = path;
  }

  text(name: string): string {
    const value = this._fields[name];
    if (!isText(value)) {
      throw this._error(name, `a text of at most ${MAX.text} characters`);
    }
    return value;
  }

  flag(name: string): boolean {
    const value = this._fields[name];
    if (typeof value !== 'boolean') {
      throw this._error(name, 'true or false');
    }
    return value;
  }

  number(name: string): number {
    const value = this._fields[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw this._error(name, 'a number');
    }
    return value;
  }

  count(name: string): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value) || value < 0) {
      throw this._error(name, 'a whole number from 0 on');
    }
    return value;
  }

  share(name: string): number {
    const value = this.number(name);
    if (value < 0 || value > 1) {
      throw this._error(name, 'a number from 0 to 1');
    }
    return value;
  }

  oneOf<T extends string>(name: string, words: readonly T[]): T {
    const found = words.find(word => word === this._fields[name]);
    if (found === undefined) {
      throw this._error(name, `one of ${words.join(', ')}`);
    }
    return found;
  }

  isNull(name: string): boolean {
    return this._fields[name] === null;
  }

  inner(name: string): FieldReader {
    return new FieldReader(this._fields[name], `${this._path}.${name}`);
  }

  /** Objects, at most `most`. */
  list(name: string, most = MAX.entries): FieldReader[] {
    return this._array(name, most).map(
      (each, index) => new FieldReader(each, `${this._path}.${name}[${index}]`)
    );
  }

  texts(name: string): string[] {
    return this._array(name, MAX.entries).map(each => {
      if (!isText(each)) {
        throw this._error(name, 'a list of texts');
      }
      return each;
    });
  }

  /** Pairs of epoch and value, at most `most`: by default as many as a sparkline shows. */
  curve(name: string, most = MAX.points): Curve {
    return this._array(name, most).map(point => {
      const [epoch, value] = Array.isArray(point) ? (point as unknown[]) : [];
      if (!Number.isFinite(epoch) || !Number.isFinite(value)) {
        throw this._error(name, 'a list of pairs of numbers');
      }
      return [epoch as number, value as number] as const;
    });
  }

  /** Pairs of a number and a text, at most `most`. */
  remarks(name: string, most: number): (readonly [number, string])[] {
    return this._array(name, most).map(pair => {
      const [at, text] = Array.isArray(pair) ? (pair as unknown[]) : [];
      if (!Number.isFinite(at) || !isText(text)) {
        throw this._error(name, 'a list of pairs of a number and a text');
      }
      return [at as number, text] as const;
    });
  }

  private _array(name: string, most: number): unknown[] {
    const value = this._fields[name];
    if (!Array.isArray(value) || value.length > most) {
      throw this._error(name, `a list of at most ${most}`);
    }
    return value;
  }

  private _error(name: string, expected: string): Error {
    return new Error(`${this._path}.${name} is not ${expected}`);
  }

  private readonly _fields: Record<string, unknown>;
  private readonly _path: string;
}

/** The kernel counts code points, of which each has one or two of the UTF-16 units counted here. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 2 * MAX.text;
}
