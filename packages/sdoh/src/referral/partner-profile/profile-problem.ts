/** What is wrong with what a service says about itself: a rule that is broken, as its message. */
export class ProfileProblem extends Error {}
