// Asks Argo CD's own health script for Rollouts what it makes of one: the object as JSON on the standard input, its
// verdict as JSON on the standard output. Neither Argo CD's controller nor its other packages are needed for that.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/argoproj/argo-cd/v3/resource_customizations"
	lua "github.com/yuin/gopher-lua"
)

const script = "argoproj.io/Rollout/health.lua"

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func main() {
	answer, err := judge()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(answer)
}

func judge() (verdict, error) {
	var object any
	if err := json.NewDecoder(os.Stdin).Decode(&object); err != nil {
		return verdict{}, err
	}
	source, err := resource_customizations.Embedded.ReadFile(script)
	if err != nil {
		return verdict{}, err
	}
	state := lua.NewState()
	defer state.Close()
	// Argo CD hands the object over by this name.
	state.SetGlobal("obj", valueOf(state, object))
	if err := state.DoString(string(source)); err != nil {
		return verdict{}, err
	}
	result, isTable := state.Get(-1).(*lua.LTable)
	if !isTable {
		return verdict{}, fmt.Errorf("%s returned no table", script)
	}
	return verdict{textOf(result, "status"), textOf(result, "message")}, nil
}

func textOf(table *lua.LTable, key string) string {
	return lua.LVAsString(table.RawGetString(key))
}

func valueOf(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case float64:
		return lua.LNumber(value)
	case string:
		return lua.LString(value)
	case []any:
		table := state.NewTable()
		for _, item := range value {
			table.Append(valueOf(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for key, item := range value {
			table.RawSetString(key, valueOf(state, item))
		}
		return table
	default:
		return lua.LNil
	}
}
