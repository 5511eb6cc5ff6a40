package tenantname

import (
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/tenancy"
)

func TestWords(t *testing.T) {
	for name, want := range map[string][]string{
		"tenant_id":             {"tenant", "id"},
		"tenantId":              {"tenant", "id"},
		"TenantID":              {"tenant", "id"},
		"AuthorizedWorkspaceID": {"authorized", "workspace", "id"},
		"tenantIDs":             {"tenant", "ids"},
		"orgIDsByName":          {"org", "ids", "by", "name"},
		"IDToken":               {"id", "token"},
		"nid":                   {"nid"},
		"":                      nil,
		"__":                    nil,
	} {
		assert.Equal(t, want, Words(name), name)
	}
}

func TestMatch(t *testing.T) {
	names := Of(&tenancy.Model{Columns: []string{"org_id"}, Go: tenancy.Go{Variables: []string{"shopNumber"}}})
	for name, want := range map[string]bool{
		"orgID": true, "OrgId": true, "org_id": true, "callerOrgID": true, "OrganizationID": true, "orgIDs": true,
		"org": true, "currentOrg": true, "orgSlug": true, "orgIDString": true, "shopNumber": true, "ORGID": true,
		"origin": false, "orgChart": false, "userID": false, "name": false, "": false, "organize": false,
		"workspaceID": false,
	} {
		assert.Equal(t, want, names.Match(name), name)
	}
	assert.True(t, Like(&tenancy.Model{Columns: []string{"org_id"}}).Match("workspaceID"))
	assert.True(t, Of(nil).Match("tenant_id"))
	assert.False(t, Of(nil).Match("project_id"))
	assert.True(t, Of(&tenancy.Model{}).Match("workspaceId"), "a model without columns knows the names that always mean a tenant")
}

func TestAccessor(t *testing.T) {
	pkg := types.NewPackage("example.com/app/auth", "auth")
	function := func(name string) *types.Func {
		return types.NewFunc(token.NoPos, pkg, name, types.NewSignatureType(nil, nil, nil, nil, nil, false))
	}
	names := Of(&tenancy.Model{
		Columns: []string{"tenant_id"}, Go: tenancy.Go{Accessors: []string{"example.com/app/auth.Current"}},
	})
	for name, want := range map[string]bool{
		"TenantFromContext": true, "GetTenantID": true, "TenantIDFromCtx": true, "Current": true,
		"LoadTenantConfig": false, "Get": false, "FromContext": false,
	} {
		assert.Equal(t, want, names.Accessor(function(name)), name)
	}
	assert.False(t, names.Accessor(nil))
}

func TestFieldAndType(t *testing.T) {
	pkg := types.NewPackage("example.com/app", "app")
	named := func(name string, underlying types.Type) *types.Named {
		return types.NewNamed(types.NewTypeName(token.NoPos, pkg, name, nil), underlying, nil)
	}
	structOf := func(embedded bool, name string, t types.Type) *types.Struct {
		return types.NewStruct([]*types.Var{types.NewField(token.NoPos, pkg, name, t, embedded)}, nil)
	}
	text := types.Typ[types.String]
	names := Of(&tenancy.Model{Columns: []string{"tenant_id"}})

	row := named("Row", structOf(false, "TenantID", text))
	for _, holder := range []types.Type{
		row, types.NewPointer(row), types.NewSlice(row), types.NewMap(text, row),
		named("Page", structOf(true, "Row", row)),
	} {
		field, ok := names.Field(holder)
		assert.True(t, ok, holder.String())
		assert.Equal(t, "TenantID", field)
	}
	_, ok := names.Field(named("Other", structOf(false, "Name", text)))
	assert.False(t, ok)
	cycle := named("Node", nil)
	cycle.SetUnderlying(structOf(true, "Node", types.NewPointer(cycle)))
	_, ok = names.Field(cycle)
	assert.False(t, ok, "a type that embeds itself ends")

	assert.True(t, names.MatchType(named("TenantID", text)))
	assert.True(t, names.MatchType(types.NewPointer(named("Tenant", structOf(false, "ID", text)))))
	assert.False(t, names.MatchType(row))
	assert.False(t, names.MatchType(text))
	assert.True(t, Of(&tenancy.Model{Go: tenancy.Go{Types: []string{"example.com/app.Shop"}}}).MatchType(named("Shop", text)))
}
