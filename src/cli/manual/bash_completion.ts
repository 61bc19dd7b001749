/**
 * The completion of bash: a function that knows the words, the options and their values.
 *
 * Owns the script. Files are left to bash itself, by completing nothing.
 */

import { shellQuoted } from "../../config/shell_text.ts";
import { type CommandManual, isPathValue, type ManualOption } from "./manual.ts";
import { nextWords, pathOf } from "./words.ts";

export function bashCompletion(manuals: readonly CommandManual[]): string {
  return `# bash completion of broker; to be read by ~/.bashrc:  source <(broker completions bash)
_broker() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path= word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    case $word in
${manuals.filter(({ words }) => words.length > 0).map(wordCase).join("\n")}
    esac
  done
  case "$path:$previous" in
${manuals.flatMap(valueCases).join("\n")}
  esac
  if [[ $current == -* ]]; then
    case $path in
${manuals.map(optionCase).join("\n")}
    esac
    return
  fi
  case $path in
${manuals.map((manual) => commandCase(manual, manuals)).filter((line) => line !== "").join("\n")}
  esac
}
complete -o bashdefault -o default -F _broker broker
`;
}

function wordCase({ words }: CommandManual): string {
  return `      ${shellQuoted(pathOf(words))}) path=$word ;;`;
}

function valueCases({ words, options }: CommandManual): readonly string[] {
  return options.filter(({ values }) => values.length > 0).map((option) => {
    const patterns = option.flags.map((flag) => shellQuoted(`${pathOf(words)}:${flag}`)).join("|");
    return `    ${patterns}) ${valuesOf(option)}; return ;;`;
  });
}

function valuesOf({ choices, values }: ManualOption): string {
  if (choices.length > 0) {
    return `COMPREPLY=($(compgen -W ${shellQuoted(choices.join(" "))} -- "$current"))`;
  }
  return values.some(isPathValue) ? "true" : "compopt +o bashdefault +o default";
}

function optionCase({ words, options }: CommandManual): string {
  const flags = options.flatMap((option) => option.flags).join(" ");
  return `      ${shellQuoted(pathOf(words))}) COMPREPLY=($(compgen -W ${
    shellQuoted(flags)
  } -- "$current")) ;;`;
}

function commandCase({ words }: CommandManual, manuals: readonly CommandManual[]): string {
  const names = nextWords(manuals, words).map(({ name }) => name).join(" ");
  if (names === "") return "";
  return `    ${shellQuoted(pathOf(words))}) COMPREPLY=($(compgen -W ${
    shellQuoted(names)
  } -- "$current")) ;;`;
}
