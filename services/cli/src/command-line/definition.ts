/** One option of a command. */
export type OptionDefinition = {
  flags: string;
  description: string;
  /** Variable of the environment that counts when the option is absent. */
  variable?: string;
  /** Reads the text. `before` is the value of an option that is given again. */
  parse?(text: string, before: unknown): unknown;
  default?: unknown;
  /** How help shows the default. */
  defaultText?: string;
  choices?: readonly string[];
  isRequired?: true;
  /** Name under which the command gets the value: the long flag in camel case when left out. */
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
   * Does the work; called with the arguments, then the options as one object, then the environment.
   *
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
