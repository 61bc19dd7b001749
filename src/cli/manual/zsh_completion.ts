/**
 * The completion of zsh: for each command a function that describes its options and words.
 *
 * Owns the script.
 */

import { shellQuoted } from "../../config/shell_text.ts";
import { type CommandManual, isPathValue, type ManualOption } from "./manual.ts";
import { nextWords } from "./words.ts";

export function zshCompletion(manuals: readonly CommandManual[]): string {
  return `#compdef broker
# zsh completion of broker; for a file _broker in a folder of $fpath
${manuals.map((manual) => commandFunction(manual, manuals)).join("\n")}
if [ "$funcstack[1]" = "_broker" ]; then
  _broker "$@"
else
  compdef _broker broker
fi
`;
}

function functionName(words: readonly string[]): string {
  return ["_broker", ...words].join("_").replaceAll("-", "_");
}

function commandFunction(manual: CommandManual, manuals: readonly CommandManual[]): string {
  const below = nextWords(manuals, manual.words);
  const options = manual.options.map((option) => `    ${optionSpec(option)} \\`).join("\n");
  const name = functionName(manual.words);
  if (below.length === 0) {
    return `${name}() {\n  _arguments -s \\\n${options}\n    '*:file:_files'\n}`;
  }
  const words = below.map(({ name, summary }) =>
    `      ${shellQuoted(`${escapeColon(name)}:${summary}`)}`
  );
  const calls = below.map(({ name: word }) =>
    `        ${shellQuoted(word)}) ${functionName([...manual.words, word])} ;;`
  );
  return `${name}() {
  local context state line
  typeset -A opt_args
  _arguments -C \\
${options}
    '1: :->word' \\
    '*:: :->rest'
  case $state in
    word)
      local words_here=(
${words.join("\n")}
      )
      _describe 'command' words_here ;;
    rest)
      case $line[1] in
${calls.join("\n")}
      esac ;;
  esac
}`;
}

/** The form of _arguments: the flags, [what it does], :name of the value:what completes it. */
function optionSpec({ flags, values, description, choices }: ManualOption): string {
  const text = description.replace(/[[\]\\]/g, "\\$&").replaceAll(":", "\\:");
  const following = values.map((value) => `:${escapeColon(value)}:${completer(value, choices)}`);
  return flags.map((flag) => shellQuoted(`*${flag}[${text}]${following.join("")}`)).join(" ");
}

function completer(value: string, choices: readonly string[]): string {
  if (choices.length > 0) return `(${choices.map(escapeColon).join(" ")})`;
  return isPathValue(value) ? "_files" : " ";
}

function escapeColon(text: string): string {
  return text.replaceAll(":", "\\:");
}
