/**
 * What GitLab calls our keys: the kind of rule by which its analyzer has found them, and the name of the rule that
 * `keys scanning` prints, in lowercase.
 */
export class GitLabTokenType {
  readonly name: string;

  constructor(keyPrefix: string) {
    this.name = `gitleaks_rule_id_${keyPrefix.replaceAll('_', '-')}-api-key`;
  }
}
