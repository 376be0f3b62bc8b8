/**
 * A deployed stack as the rules see it: what is configured, and nothing of how that was read. Where a value could not be
 * read it is null, and a rule takes that for a fault, never for good; where null means something else, the field says so.
 */
export interface StackDescription {
  readonly stack: string;
  readonly functions: readonly FunctionDescription[];
  /** Event source mappings from an SQS queue to a function; one of the two may lie in another stack. */
  readonly mappings: readonly MappingDescription[];
  /** The stack's queues, those that its mappings read, and the dead-letter queues of both. */
  readonly queues: readonly QueueDescription[];
  /** The alarms that the stack has made. */
  readonly alarms: readonly AlarmDescription[];
  /** What roles of the stack may send to queues that a function reads. */
  readonly grants: readonly GrantDescription[];
  /** What lies within the stack's reach and could not be looked at. */
  readonly unread: readonly UnreadPart[];
}

export interface FunctionDescription {
  readonly arn: string;
  readonly name: string;
  /** Its name in the template; null when it lies in another stack. */
  readonly logicalId: string | null;
  readonly timeoutSeconds: number | null;
  /** Null: none is reserved. */
  readonly reservedConcurrency: number | null;
  readonly roleArn: string | null;
  /** URLs of the queues that it sends to only as Sluice's ledger lets it; none for a function that is not Sluice's. */
  readonly ledgerQueues: readonly string[];
}

export interface MappingDescription {
  readonly id: string;
  readonly logicalId: string | null;
  readonly queueArn: string;
  /** Without the alias or version that the mapping may name. */
  readonly functionArn: string;
  readonly enabled: boolean;
  readonly batchSize: number | null;
  /** Null: none is set. */
  readonly maximumConcurrency: number | null;
  /** Of the provisioned mode; null: the mapping is not in it. */
  readonly pollersMax: number | null;
  readonly reportsBatchItemFailures: boolean;
}

export interface QueueDescription {
  readonly arn: string;
  readonly url: string;
  readonly name: string;
  readonly logicalId: string | null;
  readonly fifo: boolean;
  readonly visibilitySeconds: number | null;
  readonly retentionSeconds: number | null;
  /** Null: it has no dead-letter queue. */
  readonly redrive: { readonly deadLetterArn: string | null; readonly maxReceiveCount: number | null } | null;
  /** Whether any queue, in this stack or elsewhere, has it for its dead-letter queue. */
  readonly isDeadLetterQueue: boolean;
  readonly encrypted: boolean;
  /** Its resource policy as SQS has it, JSON; null: it has none. */
  readonly policy: string | null;
}

export interface AlarmDescription {
  readonly name: string;
  readonly logicalId: string | null;
  readonly actionsEnabled: boolean;
  /** What it does when it goes off; not what it does on its way back. */
  readonly alarmActions: number;
  /** Whether a composite alarm that acts has it in its rule. */
  readonly inComposite: boolean;
  /** What it watches; null for composite alarms and metric math, whose missing data is another matter. */
  readonly metric: {
    readonly namespace: string;
    readonly name: string;
    readonly comparison: string;
    /** CloudWatch's word for it; null: not set, which is `missing`. */
    readonly missingData: string | null;
  } | null;
}

/** A role that may send to a queue by its own policies. */
export interface GrantDescription {
  readonly roleArn: string;
  readonly role: string;
  readonly logicalId: string | null;
  readonly queueArn: string;
}

export interface UnreadPart {
  /** What it is: `queue orders-dead`. */
  readonly part: string;
  readonly why: string;
}
