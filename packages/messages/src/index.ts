export { isBearer, readBounce } from './bounce.ts';
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
export { type ReceivedText, readCall, type TextReport } from './text/read-call.ts';
export {
  gatewayRule,
  isTextNumber,
  numberRule,
  readGateway,
  type TextSettings,
} from './text/read-gateway.ts';
export { createTextGateway, knowsOurIds } from './text/text-gateway.ts';
