/** Why a tool has no result. Its message is for the model: it says what to do. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}
