/**
 * The completion of fish: one line an option, a value or a word.
 *
 * Owns the script. A condition says at which command a line counts: the words that were typed are
 * those of the command, and none of those below it.
 */

import { type CommandManual, isPathValue, type ManualOption } from "./manual.ts";
import { nextWords, pathOf } from "./words.ts";

export function fishCompletion(manuals: readonly CommandManual[]): string {
  const lines = manuals.flatMap((manual) => [
    ...nextWords(manuals, manual.words).map(({ name, summary }) =>
      `complete -c broker -n ${condition(manual)} -f -a ${quote(name)} -d ${quote(summary)}`
    ),
    ...manual.options.map((option) => optionLine(manual, option)),
  ]);
  return `# fish completion of broker; for ~/.config/fish/completions/broker.fish
function __broker_at
    set -l path
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$path $word")
        contains -- $next ${
    manuals.flatMap(({ words }) => words.length === 0 ? [] : [quote(pathOf(words))]).join(" ")
  }; and set path $next
    end
    test "$path" = "$argv[1]"
end
${lines.join("\n")}
`;
}

function condition({ words }: CommandManual): string {
  return quote(`__broker_at ${quote(pathOf(words))}`);
}

function optionLine(manual: CommandManual, option: ManualOption): string {
  const { values, choices } = option;
  const words = choices.length === 0 ? "" : ` -a ${quote(choices.join(" "))}`;
  const takes = values.length === 0 ? "" : values.some(isPathValue) ? " -r -F" : ` -x${words}`;
  return `complete -c broker -n ${condition(manual)}${option.flags.map(flagOf).join("")}${takes} ` +
    `-d ${quote(option.description)}`;
}

function flagOf(flag: string): string {
  if (flag.startsWith("--")) return ` -l ${quote(flag.slice(2))}`;
  return flag.length === 2 ? ` -s ${quote(flag.slice(1))}` : ` -o ${quote(flag.slice(1))}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
