/**
 * Texts as words of a shell's command, for commands that people are told to type.
 */

/** Any text as one word of a command, taken as it is. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
