/** One option of a command. */
export type OptionDefinition = {
  flags: string;
  description: string;
  /** Environment variable that is used when the option is absent. */
  variable?: string;
  /** Parses the text. `before` is the earlier value of an option that is given again. */
  parse?(text: string, before: unknown): unknown;
  default?: unknown;
  /** The default as the help shows it. */
  defaultText?: string;
  choices?: readonly string[];
  isRequired?: true;
  /** Name under which the command gets the value. By default the long flag in camel case. */
  key?: string;
};

/** One argument of a command; `name` has its brackets, such as `<file>` or `[files...]`. */
export type ArgumentDefinition = { name: string; description: string; default?: string };

/** One command. */
export type CommandDefinition = {
  name: string;
  description: string;
  arguments?: readonly ArgumentDefinition[];
  options: readonly OptionDefinition[];
  /** Printed below the help of the command. */
  helpText?: string;
  /**
   * Runs the command. It is called with the arguments, then the options as one object, then the
   * environment.
   * @returns the exit status
   */
  run(...call: unknown[]): Promise<number>;
};

/** Commands under a common first word, such as `codes list`. */
export type CommandGroup = {
  name: string;
  description: string;
  commands: readonly CommandDefinition[];
};

/** Runs one command that was called. */
export type RunCommand = (definition: CommandDefinition, call: readonly unknown[]) => Promise<void>;
