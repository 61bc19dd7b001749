/**
 * Which values are never shown: those of secret rows, and those that came from the environment or a
 * file (`!env`, `!file`, `!credential`).
 *
 * Owns the mark on settings. It is a property under a symbol, so that it goes along when settings are
 * copied with `{ ...settings }`; settings without such values have none.
 */

import type { Row } from "./row.ts";

/** In place of a value that is not shown. */
export const HIDDEN = "(not shown)";

const SECRETS = Symbol("secret settings");

/** Marks properties of a section of settings. */
export function markSecret(section: object, names: ReadonlySet<string>): void {
  if (names.size > 0) Object.defineProperty(section, SECRETS, { value: names, enumerable: true });
}

/** Whether a property of a section of settings must not be shown, for where its value came from. */
export function isMarkedSecret(section: object, name: string): boolean {
  const names: unknown = Reflect.get(section, SECRETS);
  return names instanceof Set && names.has(name);
}

/** Whether there is a marked property anywhere in a list or section of settings. */
export function holdsSecrets(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Reflect.has(value, SECRETS) || Object.values(value).some(holdsSecrets);
}

/** Whether a property of a section of settings must not be shown. */
export function isHidden(row: Row, section: object, name: string): boolean {
  return row.secret === true || isMarkedSecret(section, name);
}

/** Text in the place of a value, with the mark. Does not outlive loading. */
export class SecretText {
  readonly text: string;
  /** False: it could not be read, which has been reported. */
  readonly isKnown: boolean;

  constructor(text: string, isKnown: boolean) {
    this.text = text;
    this.isKnown = isKnown;
  }

  /** Nothing that is made of it says it. */
  toString(): string {
    return HIDDEN;
  }
}
