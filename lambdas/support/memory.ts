/** The most memory that this process ever held, and what its function may use. */
export function memoryOfProcess(): { readonly peakBytes: number; readonly limitBytes: number } {
  const limitMiB = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  return { peakBytes: process.resourceUsage().maxRSS * 1_024, limitBytes: limitMiB * 1_048_576 };
}
