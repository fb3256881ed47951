import { Command, Option } from 'commander';
import type {
  CommandDefinition,
  CommandGroup,
  OptionDefinition,
  RunCommand,
} from './definition.ts';

/** Builds the program that parses the command line and runs the named command. */
export function buildProgram(
  version: string,
  definitions: readonly (CommandDefinition | CommandGroup)[],
  runCommand: RunCommand,
): Command {
  const program = new Command('loopwell');
  program.description('Finds social needs in health records and gets people helped.');
  program.version(version, '-V, --version', 'print the version');
  program.showSuggestionAfterError();
  program.showHelpAfterError('Try loopwell --help, or loopwell <command> --help.');
  program.exitOverride();
  for (const definition of definitions) {
    if ('commands' in definition) addGroup(program, definition, runCommand);
    else addCommand(program, definition, runCommand);
  }
  return program;
}

function addGroup(program: Command, group: CommandGroup, runCommand: RunCommand): void {
  const parent = program.command(group.name);
  parent.description(group.description);
  for (const definition of group.commands) addCommand(parent, definition, runCommand);
}

function addCommand(parent: Command, definition: CommandDefinition, runCommand: RunCommand): void {
  const command = parent.command(definition.name);
  command.description(definition.description);
  for (const argument of definition.arguments ?? [])
    command.argument(argument.name, argument.description, argument.default);
  for (const option of definition.options) command.addOption(optionOf(option));
  if (definition.helpText) command.addHelpText('after', definition.helpText);
  // Commander adds the command itself as the last argument.
  command.action((...call: unknown[]) => runCommand(definition, call.slice(0, -1)));
}

function optionOf(definition: OptionDefinition): Option {
  const { key, variable, parse, choices, defaultText } = definition;
  const option = new Option(definition.flags, definition.description);
  if (key !== undefined) option.attributeName = () => key;
  if (variable !== undefined) option.env(variable);
  if (parse) option.argParser((text, before: unknown) => parse(text, before));
  if (choices) option.choices(choices);
  if (definition.default !== undefined) option.default(definition.default, defaultText);
  if (definition.isRequired) option.makeOptionMandatory();
  return option;
}

/** Returns the environment variables that the options of these commands read. */
export function variablesOf(
  definitions: readonly (CommandDefinition | CommandGroup)[],
): ReadonlySet<string> {
  const variables = new Set<string>();
  for (const definition of definitions) {
    const commands = 'commands' in definition ? definition.commands : [definition];
    for (const { variable } of commands.flatMap((command) => command.options))
      if (variable !== undefined) variables.add(variable);
  }
  return variables;
}
