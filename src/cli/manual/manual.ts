/**
 * What there is to know about one command, whatever shows it: a man page, a shell's completions.
 *
 * Owns the form. What it is made from stays where it was: `program_manual.ts` reads the commands of
 * commander, `tool_manual.ts` the option tables of the client tools.
 */

export interface ManualOption {
  /** As they are typed: "-t", "--topic". */
  readonly flags: readonly string[];
  /** Names of what follows the flag; none for a switch. */
  readonly values: readonly string[];
  /** One line, without a full stop. */
  readonly description: string;
  /** The heading it stands under; empty for the only one. */
  readonly group: string;
  /** All that the value may be, if that is a list of words. */
  readonly choices: readonly string[];
}

export interface ManualExample {
  readonly command: string;
  /** Empty: the command speaks for itself. */
  readonly comment: string;
}

export interface CommandManual {
  /** The words after `broker`: "pub", "retained clear"; none for the broker itself. */
  readonly words: readonly string[];
  readonly summary: string;
  /** What may follow `broker` and the words, a line for each way. */
  readonly usage: readonly string[];
  /** One that begins with spaces keeps its line ends. */
  readonly paragraphs: readonly string[];
  readonly options: readonly ManualOption[];
  readonly examples: readonly ManualExample[];
}

/** The value of an option is a file or folder, by the name that the help gives to it. */
export function isPathValue(name: string): boolean {
  return /^(?:file|path|folder|dir|directory|socket)$/i.test(name);
}

/** The description with all that the value may be: "MQTT version (5, 311, 31; default: 5)". */
export function withChoices(description: string, choices: readonly string[]): string {
  if (choices.every((choice) => description.includes(choice))) return description;
  const [text = "", fallback] = description.split(/ \((?=default: )/);
  return `${text} (${choices.join(", ")}${fallback === undefined ? ")" : `; ${fallback}`}`;
}
