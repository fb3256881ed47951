/** What a carrier says of a text later. `sent` tells nothing new. */
export type ReceiptState = 'delivered' | 'refused' | 'sent';

/** How a gateway proves that a call is its own. */
export type GatewaySignature =
  /** Base64 of HMAC-SHA-1 over our address and the sorted fields of the form. */
  | { kind: 'form-sha1'; header: string }
  /** Hexadecimal HMAC-SHA-256 over the time, a dot and the body. */
  | { kind: 'body-sha256'; header: string; time: string }
  /** Base64 of an Ed25519 signature over the time, a bar and the body. */
  | { kind: 'body-ed25519'; header: string; time: string };

/** Where the parts of a text that a partner sent stand in the gateway's call. */
type ReplyPlaces = {
  id: string;
  from: string;
  to: string;
  text: string;
  /** When it was sent, or came to the gateway; some do not say. */
  sentAt?: string;
};

/** Where the parts of a report on a text stand, and what its words mean. */
type ReportPlaces = {
  id: string;
  status: string;
  code: string;
  states: Readonly<Record<string, ReceiptState>>;
};

/**
 * The API of one kind of text gateway, as data. A place is a path of names with dots between them,
 * such as `data.payload.id`. `{from}`, `{to}`, `{text}`, `{id}`, `{account}` and `{callback}` stand
 * for what is sent.
 */
export type GatewayShape = {
  /** Appended to the address of the gateway. */
  path: string;
  auth: 'basic' | 'bearer';
  body: 'form' | 'json';
  /** Each place of the body, and what it holds. */
  fields: Readonly<Record<string, string>>;
  /** Where the gateway's own id of a text stands in its answer. */
  idAt: string;
  /** True if the gateway knows a text that it gets twice by our id. */
  knowsOurId: boolean;
  /** Where the code of a refusal stands in its answer. */
  refusalAt: string;
  /** Tells a text of a partner from a report, where both come in one form. */
  isReply?: { at: string; is: string };
  reply: ReplyPlaces;
  report: ReportPlaces;
  signature: GatewaySignature;
};

/**
 * The kinds of gateways. `plain` is that of the sandbox, and the one to build a bridge by. The
 * others follow the public documentation of their makers, as of 2026-11.
 */
export const gatewayShapes = {
  plain: {
    path: '',
    auth: 'bearer',
    body: 'json',
    fields: {
      id: '{id}',
      from: '{from}',
      to: '{to}',
      text: '{text}',
    },
    idAt: 'id',
    knowsOurId: true,
    refusalAt: 'code',
    reply: {
      id: 'id',
      from: 'from',
      to: 'to',
      text: 'text',
      sentAt: 'sent_at',
    },
    report: {
      id: 'id',
      status: 'status',
      code: 'code',
      states: { delivered: 'delivered', refused: 'refused', sent: 'sent' },
    },
    signature: {
      kind: 'body-sha256',
      header: 'x-signature',
      time: 'x-timestamp',
    },
  },
  twilio: {
    path: '/2010-04-01/Accounts/{account}/Messages.json',
    auth: 'basic',
    body: 'form',
    fields: {
      From: '{from}',
      To: '{to}',
      Body: '{text}',
      StatusCallback: '{callback}',
    },
    idAt: 'sid',
    knowsOurId: false,
    refusalAt: 'code',
    reply: {
      id: 'MessageSid',
      from: 'From',
      to: 'To',
      text: 'Body',
    },
    report: {
      id: 'MessageSid',
      status: 'MessageStatus',
      code: 'ErrorCode',
      states: {
        accepted: 'sent',
        queued: 'sent',
        sending: 'sent',
        sent: 'sent',
        delivered: 'delivered',
        read: 'delivered',
        undelivered: 'refused',
        failed: 'refused',
        canceled: 'refused',
      },
    },
    signature: {
      kind: 'form-sha1',
      header: 'x-twilio-signature',
    },
  },
  telnyx: {
    path: '/v2/messages',
    auth: 'bearer',
    body: 'json',
    fields: {
      from: '{from}',
      to: '{to}',
      text: '{text}',
      webhook_url: '{callback}',
    },
    idAt: 'data.id',
    knowsOurId: false,
    refusalAt: 'errors.0.code',
    isReply: {
      at: 'data.event_type',
      is: 'message.received',
    },
    reply: {
      id: 'data.payload.id',
      from: 'data.payload.from.phone_number',
      to: 'data.payload.to.0.phone_number',
      text: 'data.payload.text',
      sentAt: 'data.payload.received_at',
    },
    report: {
      id: 'data.payload.id',
      status: 'data.payload.to.0.status',
      code: 'data.payload.errors.0.code',
      states: {
        queued: 'sent',
        sending: 'sent',
        sent: 'sent',
        delivered: 'delivered',
        delivery_unconfirmed: 'sent',
        sending_failed: 'refused',
        delivery_failed: 'refused',
      },
    },
    signature: {
      kind: 'body-ed25519',
      header: 'telnyx-signature-ed25519',
      time: 'telnyx-timestamp',
    },
  },
} as const satisfies Readonly<Record<string, GatewayShape>>;

/** The name of a kind of gateway. */
export type GatewayKind = keyof typeof gatewayShapes;
