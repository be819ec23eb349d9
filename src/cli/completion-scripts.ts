/**
 * Scripts that ask `kubectl-linnet __complete WORD…` for candidates, one per line with an optional description behind a
 * tab, and pass over the last line (`:4`, for kubectl). The last word is the one being typed.
 */
const BASH = `# bash completion of kubectl-linnet; needs nothing but bash.
_kubectl_linnet() {
  local word=\${COMP_WORDS[COMP_CWORD]} line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in :[0-9]*) continue ;; esac
    line=\${line%%$'\\t'*}
    [[ $line == "$word"* ]] && COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _kubectl_linnet kubectl-linnet
`;

const ZSH = `#compdef kubectl-linnet
_kubectl_linnet() {
  local -a candidates
  local line name description
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ $line == :[0-9]* || -z $line ]] && continue
    name=\${line%%$'\\t'*} description=""
    [[ $line == *$'\\t'* ]] && description=\${line#*$'\\t'}
    candidates+=("\${name//:/\\\\:}:$description")
  done
  if (( $#candidates )); then _describe 'kubectl linnet' candidates; else _files; fi
}
if [[ $funcstack[1] == _kubectl_linnet ]]; then _kubectl_linnet; else compdef _kubectl_linnet kubectl-linnet; fi
`;

const FISH = `# fish completion of kubectl-linnet
function __kubectl_linnet_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete -- $words[2..-1] 2>/dev/null | string match -rv '^:[0-9]+$'
end
complete -c kubectl-linnet -f -a '(__kubectl_linnet_complete)'
complete -c kubectl-linnet -n '__fish_seen_subcommand_from lint' -s f -l filename -rF
`;

const POWERSHELL = `# PowerShell completion of kubectl-linnet
Register-ArgumentCompleter -Native -CommandName kubectl-linnet -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  kubectl-linnet __complete -- @words "$wordToComplete" 2>$null | Where-Object { $_ -notmatch '^:\\d+$' } |
    ForEach-Object {
      $name, $description = $_ -split [char]9, 2
      if ($name -like "$wordToComplete*") {
        if (-not $description) { $description = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $description)
      }
    }
}
`;

/** kubectl 1.26 and later runs a program of this name for the words after `kubectl linnet`. */
const KUBECTL = `#!/bin/sh
# Save as kubectl_complete-linnet in a directory of PATH, executable: then kubectl completes "kubectl linnet".
exec kubectl-linnet __complete -- "$@"
`;

export const COMPLETION_SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['bash', BASH],
  ['zsh', ZSH],
  ['fish', FISH],
  ['powershell', POWERSHELL],
  ['kubectl', KUBECTL],
]);
