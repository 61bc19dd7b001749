/**
 * Mosquitto's ACL files, read as they are, and turned into the engine's rules.
 *
 * Owns the file's syntax, as Mosquitto 2.0 reads it: words are separated by spaces (not tabs), a
 * comment has "#" as the very first character of its line, blanks at the end of a line do not count,
 * a topic with spaces needs the access type before it. What the lines mean there and here:
 * - `topic` lines before the first `user` are for anonymous clients only, those after `user NAME` for
 *   that user only; `pattern` lines, wherever they stand, are for everybody, and only there do `%c`
 *   and `%u` stand for names;
 * - `deny` is about reading and writing both, and goes before the other lines of its kind;
 * - `topic` lines go before `pattern` lines: what a `topic` line allows, no `pattern deny` denies;
 * - where there are patterns, a client with "+" or "#" in a name has no access by them.
 * One difference, on the safe side: a name with "/" (or "$" at the start of a topic) is not put into
 * a pattern, see `rule_template.ts`.
 */

import type { Problem, TextRange } from "./problem.ts";
import { isSharedFilter } from "../protocol/topic.ts";
import { type Layer, type Role, type Rule, ruleFilterFault } from "../access/rule.ts";

/** What was read. With `problems`, there are no layers: half a file would allow or deny too much. */
export interface AclFile {
  readonly layers: readonly Layer[];
  /** Where Mosquitto would not start either. */
  readonly problems: readonly Problem[];
  /** What is valid but does nothing. */
  readonly warnings: readonly Problem[];
}

const ACCESS: Readonly<Record<string, Pick<Rule, "effect" | "action">>> = {
  read: { effect: "allow", action: "subscribe" },
  write: { effect: "allow", action: "publish" },
  readwrite: { effect: "allow", action: "readwrite" },
  deny: { effect: "deny", action: "readwrite" },
};

/** A word, and where it stands in the file, in UTF-16 offsets. */
interface Word extends TextRange {
  readonly text: string;
}

/** `file` is its name, for the rules' places. Never throws: look at `problems`. */
export function parseAclFile(file: string, source: string): AclFile {
  return new AclReader(file, source).read();
}

class AclReader {
  readonly #file: string;
  readonly #source: string;
  readonly #problems: Problem[] = [];
  readonly #warnings: Problem[] = [];
  /** The `topic` lines by user; undefined: anonymous clients. */
  readonly #topics = new Map<string | undefined, Rule[]>();
  readonly #patterns: Rule[] = [];
  #user: string | undefined = undefined;
  #line = 0;

  constructor(file: string, source: string) {
    this.#file = file;
    this.#source = source;
  }

  read(): AclFile {
    let start = 0;
    for (const line of this.#source.split("\n")) {
      this.#line++;
      if (!line.startsWith("#")) this.#readLine(trimEnd({ text: line, ...spanOf(start, line) }));
      start += line.length + 1;
    }
    const layers = this.#problems.length > 0 ? [] : this.#layers();
    return { layers, problems: this.#problems, warnings: this.#warnings };
  }

  #readLine(line: Word): void {
    const [keyword, rest] = splitWord(line);
    if (keyword === undefined) return;
    if (keyword.text === "user") this.#readUser(keyword, rest);
    else if (keyword.text === "topic" || keyword.text === "pattern") this.#readRule(keyword, rest);
    else {
      const isTabbed = /^(?:user|topic|pattern)\s/.test(keyword.text);
      this.#problems.push({
        message: `Cannot read "${keyword.text}": a line starts with user, topic or pattern`,
        range: keyword,
        ...(isTabbed ? { hint: "words are separated by spaces, not tabs" } : {}),
        ...(keyword.text.startsWith("#") ? { hint: "a comment starts in the first column" } : {}),
      });
    }
  }

  #readUser(keyword: Word, rest: Word): void {
    const name = trimStart(rest);
    if (name.text === "") this.#fail("Cannot read user: its name is missing", keyword);
    else this.#user = name.text;
  }

  #readRule(keyword: Word, rest: Word): void {
    const [first, others] = splitWord(rest);
    if (first === undefined) {
      return this.#fail(`Cannot read ${keyword.text}: its topic is missing`, keyword);
    }
    // With one word only, it is the topic, be it called "read".
    const filter = others.text === "" ? first : trimStart(others);
    const access = others.text === "" ? ACCESS.readwrite : ownAccess(first.text);
    if (access === undefined) {
      const allowed = Object.keys(ACCESS).join(", ");
      return this.#fail(`Cannot read access "${first.text}": it is one of ${allowed}`, first);
    }
    if (isSharedFilter(filter.text)) {
      const message = `"${filter.text}" matches nothing: ${ruleFilterFault(filter.text)}`;
      this.#warnings.push({ message, range: filter });
    } else this.#addRule(keyword, filter, access);
  }

  #addRule(keyword: Word, filter: Word, access: Pick<Rule, "effect" | "action">): void {
    const fault = ruleFilterFault(filter.text);
    if (fault !== undefined) {
      return this.#fail(`Cannot use "${filter.text}" as a topic: ${fault}`, filter);
    }
    const isLiteral = keyword.text === "topic";
    const place = { file: this.#file, line: this.#line };
    const rule: Rule = { ...access, topicFilter: filter.text, isLiteral, source: place };
    if (!isLiteral) {
      this.#patterns.push(rule);
      if (/%[cu]/.test(filter.text)) return;
      const message = `The pattern "${filter.text}" has neither %c nor %u: it is for everybody`;
      this.#warnings.push({ message, range: filter });
      return;
    }
    const rules = this.#topics.get(this.#user);
    if (rules === undefined) this.#topics.set(this.#user, [rule]);
    else rules.push(rule);
  }

  #fail(message: string, range: TextRange): void {
    this.#problems.push({ message, range: { start: range.start, end: range.end } });
  }

  #layers(): Layer[] {
    const topics = [...this.#topics].map(([user, rules]): Role =>
      user === undefined
        ? { name: "anonymous clients", audience: { anonymous: true }, rules }
        : { name: `user '${user}'`, audience: { users: [user] }, rules }
    );
    const patterns: Role = { name: "all patterns", audience: {}, rules: this.#patterns };
    // A file without rules still denies everything, so the first layer is always there.
    return this.#patterns.length === 0
      ? [{ roles: topics }]
      : [{ roles: topics }, { roles: [patterns], refusesUnsafeNames: true }];
  }
}

function ownAccess(word: string): Pick<Rule, "effect" | "action"> | undefined {
  return Object.hasOwn(ACCESS, word) ? ACCESS[word] : undefined;
}

function spanOf(start: number, text: string): TextRange {
  return { start, end: start + text.length };
}

// Only what C calls a space: a no-break space belongs to a name.

function trimStart({ text, start }: Word): Word {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, "");
  const from = start + text.length - trimmed.length;
  return { text: trimmed, ...spanOf(from, trimmed) };
}

function trimEnd({ text, start }: Word): Word {
  const trimmed = text.replace(/[ \t\n\v\f\r]+$/, "");
  return { text: trimmed, ...spanOf(start, trimmed) };
}

/** The first word, if there is one, and what follows it. */
function splitWord({ text, start }: Word): [Word | undefined, Word] {
  const found = /^ *([^ ]+) ?/.exec(text);
  const word = found?.[1];
  if (found === null || word === undefined) return [undefined, { text: "", start, end: start }];
  const from = start + found[0].indexOf(word);
  const rest = text.slice(found[0].length);
  return [{ text: word, ...spanOf(from, word) }, {
    text: rest,
    ...spanOf(start + found[0].length, rest),
  }];
}
