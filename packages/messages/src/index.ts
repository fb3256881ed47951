export { createMailer, type Mailer, type MailSettings, mailUrlRule, readMailUrl } from './mail.ts';
export {
  addressRule,
  dailyBudget,
  isMailAddress,
  type Message,
  type MessageFailure,
  receiverOf,
  type SendMessage,
  type Sent,
} from './message.ts';
export { createSender } from './sender.ts';
