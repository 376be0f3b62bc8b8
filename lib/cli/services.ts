import type { Log } from '../ports/log.ts';
import type { Services } from './context.ts';
import type { Io } from './io.ts';

/** The real world. Every import is lazy: the AWS SDK alone takes longer to load than `--help` may. */
export function realServices(environment: NodeJS.ProcessEnv, io: Pick<Io, 'stderr'>): Services {
  const localAws = () => import('../../infra/local-aws/index.ts');
  const localStatus = async () => (await localAws()).localStatus();
  const stacks = () => import('../aws/stacks.ts');
  return {
    localUp: async ({ port, onProgress, signal }) => {
      const { localUp } = await localAws();
      return localUp({ ...(port === undefined ? {} : { port, strictPort: true }), onProgress, signal });
    },
    localDown: async (onProgress) => (await localAws()).localDown({ onProgress }),
    localStatus,
    exportLines: async (status) => (await localAws()).exportLines(status),
    target: async () => {
      const { resolveTarget } = await import('../aws/target.ts');
      const localEndpoint = async () => (await localStatus()).endpoint;
      return resolveTarget({ environment, localEndpoint });
    },
    account: async () => (await (await import('../aws/identity.ts')).readIdentity()).account,
    pipelines: async () => (await import('../aws/pipelines.ts')).findPipelines(),
    ports: async (pipeline) => {
      const { awsPorts } = await import('../aws/index.ts');
      const config = {
        pipeline: pipeline.name,
        table: pipeline.table,
        bucket: pipeline.bucket,
        queueUrl: pipeline.queue,
        deadLetterQueueUrl: pipeline.deadLetterQueue,
        stopParameter: pipeline.stopParameter,
        stateMachineArn: pipeline.stateMachine,
        workerFunction: pipeline.worker,
        mappingId: pipeline.mapping,
        // Open resets them when it resumes a run
        alarmNames: [],
      };
      return awsPorts(config, { log: debugLog(environment, io) });
    },
    describeStack: async (stack) => (await import('../aws/doctor/describe-stack.ts')).describeStack(stack),
    stackStatus: async (stack) => (await stacks()).stackStatus(stack),
    emptyBucket: async (bucket, signal) => (await import('../aws/empty-bucket.ts')).emptyBucket(bucket, signal),
    deleteStack: async (stack, onProgress, signal) => (await stacks()).deleteStack(stack, { onProgress, signal }),
    jobName: async (jobFile) => {
      const { readManifest, resolveInputFile } = await import('../loading/index.ts');
      const { name, file } = readManifest(jobFile);
      // Found here it is an error of the job; the CDK would bury it in its output.
      if (file !== null) resolveInputFile(file, jobFile);
      return name;
    },
    loadJob: async (jobFile) => {
      // What is thrown in the job names its own files and lines.
      process.setSourceMapsEnabled(true);
      return (await import('../loading/index.ts')).loadJob(jobFile);
    },
    inputFile: async (file, jobFile) => (await import('../loading/index.ts')).resolveInputFile(file, jobFile),
    inputs: async () => {
      const [{ s3Storage }, { awsClients }] = await Promise.all([
        import('../aws/storage.ts'),
        import('../aws/clients.ts'),
      ]);
      // Inputs name their own buckets
      return s3Storage({ client: awsClients().s3, bucket: '' });
    },
    cdk: async (args, options) => (await import('./cdk.ts')).runCdk(args, options),
  };
}

/** What the ports have to say is for those who look for a fault: nothing of it appears without `SLUICE_DEBUG=1`. */
function debugLog(environment: NodeJS.ProcessEnv, io: Pick<Io, 'stderr'>): Log {
  const write = (message: string, data?: object) => {
    if (environment.SLUICE_DEBUG === '1') io.stderr(`${JSON.stringify({ message, ...data })}\n`);
  };
  return { debug: write, info: write, warn: write, error: write, child: () => debugLog(environment, io) };
}
