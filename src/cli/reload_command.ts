/**
 * `reload` on the command line: its names and its help.
 */

import { addCommand, type CommandContext, configBefore } from "./command_context.ts";

interface ReloadFlags {
  readonly config?: string;
  readonly socket?: string;
}

const HELP =
  `The whole new configuration is checked first, and put to use all together or not at all. Clients
stay connected unless the new configuration would not let them in. The broker is found by its data:
name the configuration it was started with, and run the command as the user it runs as, or as root.
Where its data is cannot change without a restart: if the new configuration says another
persistence.path, name its socket, which is the data that it uses with '.control' behind. As a service
of systemd, use 'systemctl reload'; sending it SIGHUP does the same, and the log tells what changed.

Ends with 0 when it was put to use, with 1 when no broker can be asked or it refused, with 2 when the
configuration is wrong.

Example:
  broker reload --config broker.yaml`;

export function addReload(context: CommandContext): void {
  const { program, terminal, done } = context;
  addCommand(context, "reload", "make a running broker read its configuration again", HELP)
    .option("-c, --config <file>", "the configuration that the broker was started with")
    .option("--socket <path>", "the broker's control socket (default: beside its data)")
    .action(async (flags: ReloadFlags) => {
      const before = configBefore(program);
      if (before !== undefined && flags.config !== undefined) {
        program.error("error: option '-c, --config <file>' is given twice");
      }
      const { reload } = await import("./reload.ts");
      done(await reload({ config: before ?? flags.config, socket: flags.socket }, terminal));
    });
}
